using VirtMigrate.Options;
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

/// <summary>
/// What an emulated TPM keeps goes along with a running guest. Of a VM that is shut off only the definition moves, and where its source then
/// drops its own, libvirt deletes the TPM's state with it, unless that is on a shared file system: keys that exist nowhere else.
/// </summary>
internal sealed class TpmStateCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject =>
        "The state of an emulated TPM (swtpm) moves with the VM, and is not deleted with the definition of a VM that is shut off.";
    public override bool ProtectsData => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var vm = context.Vm.Vm;
        if (context.IsLive)
        {
            return NotApplicable($"The state of an emulated TPM (swtpm) moves with a VM that runs.");
        }

        if ((await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Tpm is not { Backend: "emulator" } tpm)
        {
            return NotApplicable($"The VM has no emulated TPM.");
        }

        var directory = $"/var/lib/libvirt/swtpm/{vm.Uuid}";
        var shell = context.Source.Shell;
        var isThere = await context.Source.HasFileAsync(directory, cancellationToken).ConfigureAwait(false);
        var kind = shell is null || isThere != true ? null : await FileSystemKind.OfAsync(shell, directory, cancellationToken).ConfigureAwait(false);
        var finding = isThere == false ? Passed($"The TPM has no state yet ({directory}).")
            : context.Options.Has(MigrationOptions.UndefineSource) && kind is not { IsShared: true }
                ? Failed(
                    $"With -UndefineSource libvirt deletes the state of the TPM ({tpm.Model}) on '{context.SourceName}', and it does not move " +
                        $"with a VM that is shut off: its keys would be lost, and what is sealed to them locked forever.",
                    advice: $"Migrate the VM while it runs. Or move it without -UndefineSource, copy {directory} to '{context.DestinationName}' " +
                        $"with owner and mode (rsync -a, as root), check that it starts there, and then: virsh -c {context.SourceUri} undefine " +
                        $"{context.VmName} --keep-tpm --keep-nvram (--keep-tpm from libvirt 8.9 on)")
            : Warning(
                $"The state of the TPM ({tpm.Model}) does not move with a VM that is shut off; it stays on '{context.SourceName}'. On " +
                    $"'{context.DestinationName}' the TPM starts empty or with old state, and disks that are sealed to it can't be unlocked.",
                advice: $"Migrate the VM while it runs, or copy {directory} to '{context.DestinationName}' before it starts there, with owner " +
                    $"and mode (rsync -a, as root).");
        return finding.Seen(vm.VmHost.Name, $"stat {directory}", isThere switch { true => $"there, on {kind?.Name ?? "an unknown file system"}", false => "not there", _ => "not seen" });
    }
}

/// <summary>The destination needs the secret that the TPM's state is encrypted with.</summary>
internal sealed class TpmSecretCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "The destination has the secret that the TPM's state is encrypted with.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if ((await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Tpm?.Secret is not { } secret)
        {
            return NotApplicable($"No TPM state is encrypted.");
        }

        var known = await context.Destination.ListSecretsAsync().ConfigureAwait(false);
        var finding = known.Contains(secret)
            ? NotVerified(
                $"'{context.DestinationName}' has the secret {secret} of the TPM's state, but its value can't be read, and may differ.",
                advice: $"Set the same value on both hosts: virsh -c {context.DestinationUri} secret-set-value {secret}")
            : context.IsLive
                ? Failed(
                    $"'{context.DestinationName}' lacks the secret {secret} that the TPM's state is encrypted with.",
                    advice: $"Define it there under the same UUID (virsh -c {context.SourceUri} secret-dumpxml {secret}, virsh -c " +
                        $"{context.DestinationUri} secret-define FILE), and set the same value: virsh -c {context.DestinationUri} " +
                        $"secret-set-value {secret}",
                    libvirt: $"no secret with matching uuid '{secret}'")
            : Warning(
                $"'{context.DestinationName}' lacks the secret {secret} of the TPM's state: the definition can move, but the VM can't start there.",
                advice: $"Define it there under the same UUID (virsh -c {context.SourceUri} secret-dumpxml {secret}, virsh -c " +
                    $"{context.DestinationUri} secret-define FILE), and set the same value: virsh -c {context.DestinationUri} secret-set-value " +
                    $"{secret}");
        return finding.Seen(context.DestinationName, "virConnectListAllSecrets", known.Count == 0 ? "none" : string.Join(", ", known));
    }
}
