using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A guest with more processors than its host runs, but its processors wait for each other.</summary>
internal sealed class VCpusCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Capacity;
    public override string Subject => "The destination has at least as many CPUs as the guest has vCPUs.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var host = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var count = context.Vm.Vm.VCpuCount;
        var finding = count > host.CpuCount
            ? Warning(
                $"The guest has {Units.Count(count, "vCPU", "vCPUs")}, but '{context.DestinationName}' has only {Units.Count(host.CpuCount, "CPU", "CPUs")}. " +
                    $"It can move, but its vCPUs will wait for each other there.",
                advice: $"Take vCPUs from it (virsh -c {context.SourceUri} setvcpus {context.VmName} {host.CpuCount} --live), or choose " +
                    $"a larger destination.") : Passed($"'{context.DestinationName}' has {Units.Count(host.CpuCount, "CPU", "CPUs")} for the guest's {Units.Count(count, "vCPU", "vCPUs")}.");
        return finding.Seen(context.SourceName, "vCPUs", count).Seen(host.Name, "nodeinfo, CPUs", host.CpuCount);
    }
}
