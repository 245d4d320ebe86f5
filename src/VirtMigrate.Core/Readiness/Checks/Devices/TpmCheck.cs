using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>An emulated TPM moves with the VM where the destination has swtpm; one of the host's stays there.</summary>
public sealed class TpmCheck : ReadinessCheck
{
    private const string StateDirectory = "/var/lib/libvirt/swtpm";

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var definition = await DestinationDefinition.OfAsync(move).ConfigureAwait(false);
        if (definition.Tpm is not { } tpm)
        {
            return NotApplicable("None");
        }

        var finding = tpm.Backend switch
        {
            "emulator" => await OfEmulatorAsync(move, definition, cancellationToken).ConfigureAwait(false),
            "passthrough" => Warning("PassedThrough", tpm.Device ?? "/dev/tpm0"),
            _ => NotVerified("External", tpm.Backend),
        };
        return finding.Seen(move.Vm.Vm.VmHost.Name, "domain XML, TPM", $"{tpm.Model}, {tpm.Backend}");
    }

    private static async Task<ReadinessFinding> OfEmulatorAsync(ReadinessMove move, DomainDefinition definition, CancellationToken cancellationToken)
    {
        var backends = (await move.Destination.GetDomainCapabilitiesAsync(definition.Kind).ConfigureAwait(false)).TpmBackends;
        var finding = backends is null ? NotVerified("Untold")
            : !backends.Contains("emulator", StringComparer.Ordinal)
                ? move.IsLive ? Failed("NoEmulator", definition.Tpm!.Version ?? "2.0") : Warning("NotStartable")
            : !move.IsLive ? Passed("Startable")
            : await OfStateAsync(move, cancellationToken).ConfigureAwait(false);
        return finding.Seen(move.DestinationName, "domain capabilities, TPM backends", backends is null ? "not told" : string.Join(", ", backends));
    }

    // Libvirt asks swtpm when the VM starts whether it can leave a shared state to another (swtpm 0.8).
    private static async Task<ReadinessFinding> OfStateAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        if (move.Path.SourceShell is not { } shell ||
            await FileSystemKind.OfAsync(shell, StateDirectory, cancellationToken).ConfigureAwait(false) is not { } kind)
        {
            return NotVerified("StateUnknown", StateDirectory);
        }

        string[] command = ["swtpm", "socket", "--print-capabilities"];
        var finding = !kind.IsShared ? Passed("Emulated")
            : await shell.RunAsync(command, cancellationToken).ConfigureAwait(false) is not { ExitCode: 0 } able ? NotVerified("StateUnknown", StateDirectory)
            : able.Output.Contains("cmdarg-migration", StringComparison.Ordinal) ? Passed("Emulated")
            : Failed("StateShared", StateDirectory, kind.Name);
        return finding.Seen(move.Vm.Vm.VmHost.Name, "stat --file-system", $"{StateDirectory} is on {kind.Name}");
    }
}
