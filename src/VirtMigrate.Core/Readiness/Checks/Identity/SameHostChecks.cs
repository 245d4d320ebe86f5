using VirtMigrate.Options;
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
        var finding = source.SharedWith(destination) is { } shared
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

/// <summary>
/// The destination tells the source the address to send the guest to: its own host name, whatever address it was reached by. Libvirt
/// refuses one that leads to the source itself.
/// </summary>
internal sealed class LocalhostNameCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "The destination's host name is not localhost.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var host = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = (context.Options.Text(MigrationOptions.MigrateUri), context.Options.Has(MigrationOptions.Tunnelled)) switch
        {
            ({ } uri, _) => Passed($"The address for the memory is given: {uri}."),
            (_, true) => NotApplicable($"Memory goes through the connection between the daemons, whatever the host name is."),
            _ when host.Name.StartsWith("localhost", StringComparison.Ordinal) => Failed(
                $"The destination's host name is {host.Name}, so libvirt would tell the source to send the guest to itself.",
                advice: $"Give it a host name (on '{context.DestinationName}': hostnamectl set-hostname …, then restart virtqemud or libvirtd), or " +
                    $"give the address for the memory: -MigrateUri tcp://ADDRESS",
                libvirt: $"hostname on destination resolved to localhost"),
            _ => Passed($"The destination's host name is {host.Name}."),
        };
        return finding.Seen(context.DestinationName, "host name", host.Name);
    }
}
