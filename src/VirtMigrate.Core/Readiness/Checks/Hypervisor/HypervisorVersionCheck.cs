using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A guest's state can be read by the same QEMU and by later ones; by an earlier one only where nothing new is in it.</summary>
public sealed class HypervisorVersionCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var source = await move.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = (source.HypervisorVersion, destination.HypervisorVersion) switch
        {
            _ when !move.IsLive => NotApplicable("Offline"),
            ({ } here, { } there) when there < here => Warning("Older", source.Hypervisor, here, there),
            ({ } here, { } there) when there == here => Passed("Same", source.Hypervisor, here),
            ({ } here, { } there) => Passed("Newer", source.Hypervisor, here, there),
            _ => NotVerified("Unknown"),
        };
        return finding
            .Seen(source.Name, $"{source.Hypervisor} version", source.HypervisorVersion)
            .Seen(destination.Name, $"{destination.Hypervisor} version", destination.HypervisorVersion);
    }
}
