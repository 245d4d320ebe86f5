using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Libvirt compares the names and the UUIDs of both hosts, and refuses to migrate where either is the same.</summary>
internal sealed class SameHostCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "Source and destination are two hosts: their names, host UUIDs and URIs differ.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var source = await context.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = SameHost.Shared(source, destination) is { } shared
            ? Failed(
                $"Source and destination share {shared}, so libvirt considers them one host.",
                advice: $"Choose another destination. If these are two machines, give each its own host name (hostnamectl set-hostname) and its " +
                    $"own host_uuid (from uuidgen) in /etc/libvirt/virtqemud.conf or libvirtd.conf, then restart that daemon.",
                libvirt: $"Attempt to migrate guest to the same host {(source.Uuid is { } uuid && uuid == destination.Uuid ? uuid.ToString() : source.Name)}")
            : Passed($"'{source.Name}' and '{destination.Name}' are two hosts.");
        return finding
            .Seen(source.Name, "host name, host UUID, URI", $"{source.Name}, {source.Uuid}, {source.Uri}")
            .Seen(destination.Name, "host name, host UUID, URI", $"{destination.Name}, {destination.Uuid}, {destination.Uri}");
    }
}
