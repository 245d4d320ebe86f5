using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>The processors that the VM's threads are bound to must be there at the destination, which may have fewer.</summary>
internal sealed class CpuPinningCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Cpu;
    public override string Subject => "The destination has the CPUs that the VM is pinned to.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; the VM is pinned to CPUs when it starts.");
        }

        var bindings = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).CpuBindings;
        if (bindings.Count == 0)
        {
            return NotApplicable($"The VM is not pinned to any CPUs.").Seen(context.SourceName, "domain XML, pinning", null);
        }

        var processors = (await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).CpuNumbers;
        DomainBinding[] gone = [.. bindings.Where(b => !b.Numbers.Overlaps(processors))];
        DomainBinding[] partly = [.. bindings.Except(gone).Where(b => !b.Numbers.IsSubsetOf(processors))];

        // Linux takes a set that has one processor that exists; only a cgroup wants all of them.
        var finding = (processors.Count, gone.Length, partly.Length) switch
        {
            (0, _, _) => NotVerified(
                $"'{context.DestinationName}' does not list its CPUs.",
                advice: $"Compare: virsh -c {context.DestinationUri} nodeinfo; virsh -c {context.SourceUri} vcpupin {context.VmName}"),
            (_, > 0, _) => Failed(
                $"'{context.DestinationName}' has none of the CPUs that the VM is pinned to: {Describe(gone)}.",
                advice: $"Pin them to CPUs that both hosts have (virsh -c {context.SourceUri} vcpupin {context.VmName} --vcpu 0 --cpulist 0-1 --live " +
                    $"--config; emulatorpin and iothreadpin likewise), or give the VM another pinning with -DestinationXml.",
                libvirt: $"cannot set CPU affinity on process"),
            (_, _, > 0) => Warning(
                $"'{context.DestinationName}' lacks some of the CPUs that the VM is pinned to: {Describe(partly)}. If libvirt there uses the " +
                    $"cpuset cgroup, it refuses this.",
                advice: $"Pin them to CPUs that both hosts have: virsh -c {context.SourceUri} vcpupin {context.VmName} --vcpu 0 --cpulist 0-1 --live " +
                    $"--config; emulatorpin and iothreadpin likewise.",
                libvirt: $"cpuset.cpus"),
            _ => Passed($"'{context.DestinationName}' has all CPUs that the VM is pinned to."),
        };
        return finding
            .Seen(context.SourceName, "domain XML, pinning", Describe(bindings))
            .Seen(context.DestinationName, "capabilities, CPUs", string.Join(", ", processors.Order()));
    }

    private static string Describe(IEnumerable<DomainBinding> bindings) => string.Join("; ", bindings.Select(b => $"{b.Name} to {b.Text}"));
}

/// <summary>The NUMA cells that the VM's memory is bound to must be there at the destination.</summary>
internal sealed class NumaPinningCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Cpu;
    public override string Subject => "The destination has the NUMA nodes that the VM's memory is bound to.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; memory is bound to NUMA nodes when the VM starts.");
        }

        var bindings = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).MemoryBindings;
        if (bindings.Count == 0)
        {
            return NotApplicable($"The VM's memory is not bound to any NUMA node.").Seen(context.SourceName, "domain XML, numatune", null);
        }

        // Libvirt asks for every cell of the set, in all modes.
        var cells = (await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).CellNumbers;
        int[] missing = [.. bindings.SelectMany(b => b.Numbers).Except(cells).Order()];
        var finding = (cells.Count, missing.Length) switch
        {
            (0, _) => NotVerified(
                $"'{context.DestinationName}' does not list its NUMA nodes.",
                advice: $"Compare: virsh -c {context.DestinationUri} freecell --all; virsh -c {context.SourceUri} numatune {context.VmName}"),
            (_, > 0) => Failed(
                $"The VM's memory is bound to NUMA nodes that '{context.DestinationName}' lacks: {missing}.",
                advice: $"Give the VM other nodes for the destination: virsh -c {context.SourceUri} dumpxml {context.VmName} --migratable > vm.xml, " +
                    $"change <numatune> in it, and Start-VmMigration {context.VmName} -VmHost {context.SourceUri} -Destination " +
                    $"{context.DestinationUri} -DestinationXml vm.xml. To see what '{context.DestinationName}' has: virsh -c {context.DestinationUri} " +
                    $"capabilities | grep '<cell id'",
                libvirt: $"NUMA node {missing[0]} is unavailable"),
            _ => Passed($"'{context.DestinationName}' has all NUMA nodes that the VM's memory is bound to."),
        };
        return finding
            .Seen(context.SourceName, "domain XML, numatune", string.Join("; ", bindings.Select(b => $"{b.Name} to {b.Text}")))
            .Seen(context.DestinationName, "capabilities, NUMA nodes", string.Join(", ", cells.Order()));
    }
}
