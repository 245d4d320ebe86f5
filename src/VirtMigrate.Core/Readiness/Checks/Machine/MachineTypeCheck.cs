using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The guest keeps its machine type, so the destination's emulator must have that very one: its version, too.</summary>
public sealed class MachineTypeCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Machine;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var kind = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Kind;
        if (kind.Machine is not { } machine)
        {
            return NotApplicable("Default").Seen(move.Vm.Vm.VmHost.Name, "domain XML, machine", null);
        }

        // The emulator that the VM names may know others than the host's own; where it is refused for another reason, the list must do.
        var (offer, _) = await move.OfferAsync(kind).ConfigureAwait(false);
        var guest = (await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).FindGuest(kind.Architecture);
        var isKnown = offer is not null || guest?.Machines.Contains(machine) == true;

        // A definition is taken with any machine type; only a start is refused.
        var finding = isKnown ? Passed("Known", machine) : move.IsLive ? Failed("Missing", machine) : Warning("MissingOffline", machine);
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, machine", machine)
            .Seen(move.DestinationName, $"capabilities, machine types for {kind.Architecture}", Describe(guest, offer, machine));
    }

    // A list of a hundred names tells less than those of the same family.
    private static string Describe(GuestSupport? guest, DomainCapabilities? offer, string machine)
    {
        var family = machine[..Math.Max(machine.LastIndexOf('-'), 0)];
        var names = (guest?.Machines ?? Enumerable.Empty<string>()).Where(m => m.StartsWith(family, StringComparison.Ordinal));
        return offer?.Machine is { } own ? own : string.Join(", ", names.Order(StringComparer.Ordinal));
    }
}
