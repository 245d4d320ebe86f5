using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A guest with more processors than its host runs, but its processors wait for each other.</summary>
public sealed class VCpusCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Capacity;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var host = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var count = move.Vm.Vm.VCpuCount;
        var finding = count > host.CpuCount ? Warning("TooMany", count, host.CpuCount) : Passed("Enough", count, host.CpuCount);
        return finding.Seen(move.Vm.Vm.VmHost.Name, "vCPUs", count).Seen(host.Name, "nodeinfo, processors", host.CpuCount);
    }
}
