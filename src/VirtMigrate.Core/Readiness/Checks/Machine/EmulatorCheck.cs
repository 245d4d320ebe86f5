using VirtMigrate.Migration.Failures;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The definition names the emulator's path, which the destination must have as well: distributions put it into different places.</summary>
public sealed class EmulatorCheck : ReadinessCheck
{
    // Libvirt looks at the emulator first; what it says of these, it has learned from the emulator.
    private static readonly string[] OtherRefusals = ["the accel '", "the machine '", "KVM is not supported", "architecture from emulator"];

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Machine;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var kind = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Kind;
        if (kind.Emulator is not { } emulator)
        {
            return NotApplicable("Default").Seen(move.Vm.Vm.VmHost.Name, "domain XML, emulator", null);
        }

        var own = (await move.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).FindGuest(kind.Architecture)?.Emulators ?? [];
        var refusal = own.Contains(emulator, StringComparer.Ordinal) ? null : (await move.OfferAsync(kind).ConfigureAwait(false)).Refusal;
        var finding = refusal switch
        {
            null => Passed("Found", emulator),
            _ when MigrationFailures.Classify(refusal)?.Id is "EmulatorMissing" =>
                Failed(own.Count > 0 ? "Elsewhere" : "Missing", emulator, own.Count > 0 ? own[0] : null),
            _ when OtherRefusals.Any(r => refusal.Message.Contains(r, StringComparison.Ordinal)) => Passed("Found", emulator),
            _ => Failed("Refused", emulator, refusal.Message),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "domain XML, emulator", emulator)
            .Seen(move.DestinationName, $"capabilities, emulators for {kind.Architecture}", string.Join(", ", own))
            .Seen(move.DestinationName, $"domain capabilities of {emulator}", refusal?.Message ?? "there");
    }
}
