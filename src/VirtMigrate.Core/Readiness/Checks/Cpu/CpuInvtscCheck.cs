using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// A guest that relies on an invariant time stamp counter can move only where the counter's frequency is set, and only to a host that
/// can give it that frequency.
/// </summary>
public sealed class CpuInvtscCheck : ReadinessCheck
{
    private const string Feature = "invtsc";

    // From here on libvirt asks QEMU what stands in the way, and gives its words.
    private static readonly Version AsksQemu = new(6, 0);

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Cpu;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var definition = await move.Vm.GetDefinitionAsync().ConfigureAwait(false);
        var frequency = definition.TscFrequency;
        var here = await move.Source.GetCapabilitiesAsync().ConfigureAwait(false);
        var there = await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false);

        // A guest with the host's own processor has it where features that can't migrate are given to it as well.
        var isInvariant = definition.Cpu is { } cpu
            && (cpu.Has(Feature) || (cpu is { IsHosts: true, IsMigratable: false } && here.Processor?.Features.Contains(Feature) == true));
        var finding = (frequency, there.Tsc) switch
        {
            (null, _) when !isInvariant => NotApplicable("None"),
            (null, _) => Failed(definition.DomainType is "kvm" && move.Vm.Vm.VmHost.HypervisorVersion >= AsksQemu ? "Blocked" : "NoFrequency"),
            (_, null) => NotVerified("Unknown", frequency),
            ({ } wanted, { } tsc) => tsc.Allows(wanted) ? Passed("Allowed", wanted) : Failed("Refused", wanted, tsc.Frequency),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "live domain XML, invtsc, tsc frequency", $"{(isInvariant ? "on" : "off")}, {frequency?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "not set"}")
            .Seen(move.DestinationName, "capabilities, tsc counter", there.Tsc);
    }
}
