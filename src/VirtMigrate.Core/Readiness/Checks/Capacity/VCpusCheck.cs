using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A guest with more processors than its host runs, but its processors wait for each other.</summary>
internal sealed class VCpusCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Capacity;
    public override string Subject => "The destination has as many processors as the guest.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var host = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var count = context.Vm.Vm.VCpuCount;
        var finding = count > host.CpuCount
            ? Warning(
                $"The guest has {count} processors, '{context.DestinationName}' has {host.CpuCount}. It moves, but its processors wait for each " +
                    $"other there.",
                advice: $"Take processors from it (virsh -c {context.SourceUri} setvcpus {context.VmName} {host.CpuCount} --live), or name a " +
                    $"larger destination.") : Passed($"'{context.DestinationName}' has {host.CpuCount} processors for the guest's {count}.");
        return finding.Seen(context.SourceName, "vCPUs", count).Seen(host.Name, "nodeinfo, processors", host.CpuCount);
    }
}
