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
