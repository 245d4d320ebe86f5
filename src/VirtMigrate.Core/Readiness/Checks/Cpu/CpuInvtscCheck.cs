using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// A guest that relies on an invariant time stamp counter can move only where the counter's frequency is set, and only to a host that
/// can give it that frequency.
/// </summary>
internal sealed class CpuInvtscCheck : ReadinessCheck
{
    private const string Feature = "invtsc";

    // From here on libvirt asks QEMU what stands in the way, and gives its words.
    private static readonly Version AsksQemu = new(6, 0);

    public override ReadinessCategory Category => ReadinessCategory.Cpu;
    public override string Subject => "If the guest has an invariant time stamp counter, its frequency is set, and the destination can provide it.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; the counter starts with the guest.");
        }

        var definition = await context.Vm.GetDefinitionAsync().ConfigureAwait(false);
        var frequency = definition.TscFrequency;
        var here = await context.Source.GetCapabilitiesAsync().ConfigureAwait(false);
        var there = await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false);

        // A guest with the host's own processor has it where features that can't migrate are given to it as well.
        var isInvariant = definition.Cpu is { } cpu
            && (cpu.Has(Feature) || (cpu is { IsHosts: true, IsMigratable: false } && here.Processor?.Features.Contains(Feature) == true));
        var finding = (frequency, there.Tsc) switch
        {
            (null, _) when !isInvariant => NotApplicable($"The guest has no invariant time stamp counter."),
            (null, _) => Failed(
                $"The guest has an invariant time stamp counter whose frequency is not set.",
                advice: $"Set it when the guest is shut off (virsh -c {context.SourceUri} edit {context.VmName}): within <clock>, " +
                    $"<timer name='tsc' frequency='…'/>, with what virsh -c {context.SourceUri} capabilities | grep \"counter name='tsc'\" shows; " +
                    $"or remove the feature invtsc.",
                libvirt: $"{(definition.DomainType is "kvm" && context.Vm.Vm.VmHost.HypervisorVersion >= AsksQemu
                    ? "State blocked by non-migratable CPU device (invtsc flag)"
                    : "domain has 'invtsc' CPU feature but TSC frequency is not specified")}"),
            (_, null) => NotVerified(
                $"The guest's time stamp counter runs at {frequency} Hz; '{context.DestinationName}' does not report whether it can provide that.",
                advice: $"Compare on '{context.DestinationName}': dmesg | grep -i 'tsc:'"),
            ({ } wanted, { } tsc) => tsc.Allows(wanted)
                ? Passed($"'{context.DestinationName}' can provide the {wanted} Hz of the guest's time stamp counter.")
                : Failed(
                    $"The guest's time stamp counter runs at {wanted} Hz; that of '{context.DestinationName}' runs at {tsc.Frequency} Hz, and " +
                        $"its CPU can't scale it.",
                    advice: $"Choose a destination with the same frequency (virsh -c {context.DestinationUri} capabilities | grep \"counter " +
                        $"name='tsc'\" shows it), or remove the timer and the feature invtsc when the guest is shut off: virsh -c " +
                        $"{context.SourceUri} edit {context.VmName}",
                    libvirt: $"and TSC scaling is not supported by the host CPU"),
        };
        return finding
            .Seen(context.SourceName, "live domain XML, invtsc, tsc frequency",
                $"{(isInvariant ? "on" : "off")}, {frequency?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not set"}")
            .Seen(context.DestinationName, "capabilities, tsc counter", there.Tsc);
    }
}
