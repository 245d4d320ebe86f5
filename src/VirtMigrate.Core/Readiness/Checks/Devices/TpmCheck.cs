using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>An emulated TPM moves with the VM where the destination has swtpm; one of the host's stays there.</summary>
internal sealed class TpmCheck : ReadinessCheck
{
    private const string StateDirectory = "/var/lib/libvirt/swtpm";

    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "The VM's TPM can move with it, and the destination can run it.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        if (definition.Tpm is not { } tpm)
        {
            return NotApplicable($"The VM has no TPM.");
        }

        var finding = tpm.Backend switch
        {
            "emulator" => await OfEmulatorAsync(context, definition, cancellationToken).ConfigureAwait(false),
            "passthrough" => Warning(
                $"The guest uses the TPM of '{context.SourceName}' itself ({tpm.Device ?? "/dev/tpm0"}): on '{context.DestinationName}' it would " +
                    $"find another TPM, which has none of its keys.",
                advice: $"First suspend what is sealed to the TPM in the guest (BitLocker, LUKS), or give the VM an emulated TPM: virsh -c {context.SourceUri} " +
                    $"edit {context.VmName}"),
            _ => NotVerified(
                $"Can't tell from here whether '{context.DestinationName}' has the backend of the TPM ({tpm.Backend}).",
                advice: $"First start the same TPM on '{context.DestinationName}', on the same socket."),
        };
        return finding.Seen(context.SourceName, "domain XML, TPM", $"{tpm.Model}, {tpm.Backend}");
    }

    private static async Task<Finding> OfEmulatorAsync(CheckContext context, DomainDefinition definition, CancellationToken cancellationToken)
    {
        var backends = (await context.Destination.GetDomainCapabilitiesAsync(definition.Kind).ConfigureAwait(false)).TpmBackends;
        FindingText install = $"Install swtpm on '{context.DestinationName}' (apt install swtpm swtpm-tools, or dnf install swtpm swtpm-tools).";
        var finding = backends is null
            ? NotVerified(
                $"'{context.DestinationName}' does not report whether it can emulate a TPM.",
                advice: $"Look for the tpm element (virsh -c {context.DestinationUri} domcapabilities), or for swtpm on the host.")
            : !backends.Contains("emulator", StringComparer.Ordinal)
                ? context.IsLive
                    ? Failed(
                        $"The TPM is emulated, and '{context.DestinationName}' can't emulate one.",
                        advice: install,
                        libvirt: $"TPM version '{definition.Tpm!.Version ?? "2.0"}' is not supported")
                    : Warning(
                        $"The TPM is emulated, and '{context.DestinationName}' can't emulate one: the definition can move, but the VM can't " +
                            $"start there.",
                        advice: install)
            : !context.IsLive ? Passed($"The TPM is emulated, and '{context.DestinationName}' can emulate it.")
            : await OfStateAsync(context, cancellationToken).ConfigureAwait(false);
        return finding.Seen(context.DestinationName, "domain capabilities, TPM backends", backends is null ? "not reported" : string.Join(", ", backends));
    }

    // Libvirt asks swtpm when the VM starts whether it can leave a shared state to another (swtpm 0.8).
    private static async Task<Finding> OfStateAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var unknown = NotVerified(
            $"'{context.DestinationName}' can emulate the TPM. Can't tell from here whether the TPM's state ({StateDirectory}) is on shared " +
                $"storage; swtpm can hand that over only from 0.8 on.",
            advice: $"Check the file system on '{context.SourceName}': stat --file-system {StateDirectory}. If it is local, this is no obstacle. " +
                $"Or connect to '{context.SourceName}' over qemu+ssh, and this check looks there.",
            libvirt: $"the running swtpm does not support migration with shared storage");
        if (context.Source.Shell is not { } shell ||
            await FileSystemKind.OfAsync(shell, StateDirectory, cancellationToken).ConfigureAwait(false) is not { } kind)
        {
            return unknown;
        }

        string[] command = ["swtpm", "socket", "--print-capabilities"];
        var able = kind.IsShared ? await shell.RunAsync(command, cancellationToken).ConfigureAwait(false) : null;
        var finding = (kind.IsShared, able) switch
        {
            (true, not { ExitCode: 0 }) => unknown,
            (true, { Output: var output }) when !output.Contains("cmdarg-migration", StringComparison.Ordinal) => Failed(
                $"The TPM's state is on shared storage ({StateDirectory}, {kind.Name}), and this swtpm can't hand it over.",
                advice: $"Update swtpm to 0.8 or later on both hosts and restart the VM, or keep {StateDirectory} on local storage of each host.",
                libvirt: $"the running swtpm does not support migration with shared storage"),
            _ => Passed($"The TPM is emulated, '{context.DestinationName}' can emulate it, and its state can be handed over."),
        };
        return finding.Seen(context.SourceName, "stat --file-system", $"{StateDirectory} is on {kind.Name}");
    }
}
