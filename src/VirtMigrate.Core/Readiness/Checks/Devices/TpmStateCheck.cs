using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

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
