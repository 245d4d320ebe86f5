using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// What an emulated TPM keeps goes along with a running guest. Of a VM that is shut off only the definition moves, and where its source then
/// drops its own, libvirt deletes the TPM's state with it, unless that is on a shared file system: keys that exist nowhere else.
/// </summary>
public sealed class TpmStateCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

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

        if ((await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Tpm is not { Backend: "emulator" } tpm)
        {
            return NotApplicable("None");
        }

        var directory = $"/var/lib/libvirt/swtpm/{vm.Uuid}";
        var shell = move.Path.SourceShell;
        var isThere = await HostFiles.IsThereAsync(shell, directory, cancellationToken).ConfigureAwait(false);
        var kind = shell is null || isThere != true ? null : await FileSystemKind.OfAsync(shell, directory, cancellationToken).ConfigureAwait(false);
        var finding = isThere == false ? Passed("NotYet", directory)
            : move.Options.Has(MigrationOptions.UndefineSource) && kind is not { IsShared: true } ? Failed("Deleted", directory, tpm.Model)
            : Warning("Stays", directory, tpm.Model);
        return finding.Seen(vm.VmHost.Name, $"stat {directory}", isThere switch { true => $"there, on {kind?.Name ?? "an unknown file system"}", false => "not there", _ => "not seen" });
    }
}
