using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>The guest keeps its machine type, so the destination's emulator must have that very one: its version, too.</summary>
internal sealed class MachineTypeCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Machine;
    public override string Subject => "The destination knows the guest's machine type.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var kind = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Kind;
        if (kind.Machine is not { } machine)
        {
            return NotApplicable(
                $"The definition names no machine type; each host uses its own.").Seen(context.SourceName, "domain XML, machine", null);
        }

        // The emulator that the VM names may know others than the host's own; where it is refused for another reason, the list must do.
        var (offer, _) = await context.OfferAsync(kind).ConfigureAwait(false);
        var guest = (await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).FindGuest(kind.Architecture);
        var isKnown = offer is not null || guest?.Machines.Contains(machine) == true;

        // A definition is taken with any machine type; only a start is refused.
        var finding = isKnown
            ? Passed(
                $"'{context.DestinationName}' knows the machine type {machine}.") : context.IsLive
                    ? Failed(
                        $"'{context.DestinationName}' does not know the machine type {machine}.",
                        advice: $"To see what it knows: virsh -c {context.DestinationUri} capabilities | grep '<machine'. Install a QEMU there that " +
                            $"is as new as the one on '{context.SourceName}', or give the VM a machine type that both hosts support when it is shut off: virsh " +
                            $"-c {context.SourceUri} edit {context.VmName}",
                        libvirt: $"does not support machine type '{machine}'")
                    : Warning(
                        $"'{context.DestinationName}' does not know the machine type {machine}: the definition moves, but the VM would not start " +
                            $"there.",
                        advice: $"To see what it knows: virsh -c {context.DestinationUri} capabilities | grep '<machine'. Give the VM a machine " +
                            $"type that both hosts support: virsh -c {context.SourceUri} edit {context.VmName}");
        return finding
            .Seen(context.SourceName, "domain XML, machine", machine)
            .Seen(context.DestinationName, $"capabilities, machine types for {kind.Architecture}", Describe(guest, offer, machine));
    }

    // A list of a hundred names tells less than those of the same family.
    private static string Describe(GuestSupport? guest, DomainCapabilities? offer, string machine)
    {
        var family = machine[..Math.Max(machine.LastIndexOf('-'), 0)];
        var names = (guest?.Machines ?? Enumerable.Empty<string>()).Where(m => m.StartsWith(family, StringComparison.Ordinal));
        return offer?.Machine is { } own ? own : string.Join(", ", names.Order(StringComparer.Ordinal));
    }
}
