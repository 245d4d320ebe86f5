using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// A UEFI firmware's variables (NVRAM) go along in the memory of a running guest. Of a VM that is shut off only the definition moves: the
/// file with its boot entries and keys stays where it is.
/// </summary>
public sealed class FirmwareVariablesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Machine;

    /// <inheritdoc/>
    public override bool ProtectsData => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var vm = move.Vm.Vm;
        if (move.IsLive)
        {
            return NotApplicable("Live");
        }

        if ((await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Firmware is not { IsFlash: true } firmware)
        {
            return NotApplicable("None");
        }

        // Where the definition leaves it to libvirt, this is the file that it makes of the template at the first start.
        var path = firmware.Variables ?? $"/var/lib/libvirt/qemu/nvram/{vm.Name}_VARS.fd";
        var isThere = await HostFiles.IsThereAsync(move.Path.SourceShell, path, cancellationToken).ConfigureAwait(false);
        var finding = isThere == false ? Passed("NotYet", path)
            : Warning(move.Options.Has(MigrationOptions.UndefineSource) ? "Orphaned" : "Stay", ShellWord.Quote(path));
        return finding.Seen(vm.VmHost.Name, $"test -e {path}", isThere switch { true => "there", false => "not there", _ => "not seen" });
    }
}
