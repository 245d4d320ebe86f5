using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Libvirt compares the names and the UUIDs of both hosts, and refuses to migrate where either is the same.</summary>
public sealed class SameHostCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var source = await move.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = SameHost.Shared(source, destination) is { } shared
            ? Failed("Same", shared, source.Uuid is { } uuid && uuid == destination.Uuid ? uuid : source.Name)
            : Passed("Apart", source.Name, destination.Name);
        return finding
            .Seen(source.Name, "host name, host UUID, URI", $"{source.Name}, {source.Uuid}, {source.Uri}")
            .Seen(destination.Name, "host name, host UUID, URI", $"{destination.Name}, {destination.Uuid}, {destination.Uri}");
    }
}
