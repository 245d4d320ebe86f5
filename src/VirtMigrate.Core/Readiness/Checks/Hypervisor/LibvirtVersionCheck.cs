using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A definition can be read by the same libvirt and by later ones; an earlier one may not know all that is in it.</summary>
public sealed class LibvirtVersionCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var source = await move.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var (here, there) = (source.LibvirtVersion, destination.LibvirtVersion);
        var finding = there < here ? Warning("Older", here, there) : there == here ? Passed("Same", here) : Passed("Newer", here, there);
        return finding.Seen(source.Name, "libvirt version", here).Seen(destination.Name, "libvirt version", there);
    }
}
