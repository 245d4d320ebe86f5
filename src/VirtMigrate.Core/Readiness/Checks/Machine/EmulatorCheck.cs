using VirtMigrate.Failures;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The definition names the emulator's path, which the destination must have as well: distributions put it into different places.</summary>
internal sealed class EmulatorCheck : ReadinessCheck
{
    // Libvirt looks at the emulator first; what it says of these, it has learned from the emulator.
    private static readonly string[] OtherRefusals = ["the accel '", "the machine '", "KVM is not supported", "architecture from emulator"];

    public override ReadinessCategory Category => ReadinessCategory.Machine;
    public override string Subject => "The destination has the emulator that the definition names.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var kind = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Kind;
        if (kind.Emulator is not { } emulator)
        {
            return NotApplicable(
                $"The definition names no emulator; each host uses its own.").Seen(context.SourceName, "domain XML, emulator", null);
        }

        var own = (await context.Destination.GetCapabilitiesAsync().ConfigureAwait(false)).FindGuest(kind.Architecture)?.Emulators ?? [];
        var refusal = own.Contains(emulator, StringComparer.Ordinal) ? null : (await context.OfferAsync(kind).ConfigureAwait(false)).Refusal;
        var finding = refusal switch
        {
            null => Passed($"'{context.DestinationName}' has the emulator {emulator}."),
            _ when FailureTable.Find(refusal.Message, refusal.Error?.Code)?.Id is "EmulatorMissing" =>
                own is [var other, ..]
                    ? Failed(
                        $"'{context.DestinationName}' has no {emulator}; its emulator is {other}.",
                        advice: $"Give the VM that one for the destination: virsh -c {context.SourceUri} dumpxml {context.VmName} --migratable | sed " +
                            $"'s#<emulator>.*#<emulator>{other}</emulator>#' > vm.xml; Start-VmMigration " +
                            $"{context.VmName} -VmHost {context.SourceUri} -Destination {context.DestinationUri} -DestinationXml vm.xml",
                        libvirt: $"Cannot check QEMU binary {emulator}")
                    : Failed(
                        $"'{context.DestinationName}' has no {emulator}.",
                        advice: $"Install QEMU on '{context.DestinationName}', or make a link to its emulator at that path. To see what it has: virsh -c " +
                            $"{context.DestinationUri} capabilities | grep '<emulator'",
                        libvirt: $"Cannot check QEMU binary {emulator}"),
            _ when OtherRefusals.Any(r => refusal.Message.Contains(r, StringComparison.Ordinal)) => Passed(
                $"'{context.DestinationName}' has the emulator {emulator}."),
            _ => Failed(
                $"'{context.DestinationName}' can't use {emulator}: {refusal.Message}",
                advice: $"To see what libvirt there says about it: virsh -c {context.DestinationUri} domcapabilities --emulatorbin {emulator}",
                libvirt: $"{refusal.Message}"),
        };
        return finding
            .Seen(context.SourceName, "domain XML, emulator", emulator)
            .Seen(context.DestinationName, $"capabilities, emulators for {kind.Architecture}", string.Join(", ", own))
            .Seen(context.DestinationName, $"domain capabilities of {emulator}", refusal?.Message ?? "there");
    }
}
