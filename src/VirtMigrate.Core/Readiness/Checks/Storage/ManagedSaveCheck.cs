using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// Memory that libvirt saved (virsh managedsave) lies in a file beside the definition, which no migration takes along or removes. The next
/// start of the VM on that host goes on from it, however often the VM has run elsewhere since: its guest then works with old memory on a
/// newer disk.
/// </summary>
public sealed class ManagedSaveCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override bool ProtectsData => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var here = await IsSavedAtSourceAsync(move, cancellationToken).ConfigureAwait(false);
        var there = await LookAtDestinationAsync(move, cancellationToken).ConfigureAwait(false);
        var isLeft = move.Options.Has(MigrationOptions.LeaveManagedSave);
        var (name, file) = (new CommandWord(move.NameAtDestination), new CommandWord(FileOf(move.NameAtDestination)));
        var fileHere = new CommandWord(FileOf(move.Vm.Vm.Name));
        var finding = (here, there, move.IsLive) switch
        {
            (true, _, false) => isLeft ? Warning("SavedLeft", fileHere) : Failed("Saved", fileHere),
            (_, Left.Unseen, _) => NotApplicable("Unreached"),
            (_, not Left.None, _) when isLeft => Warning("ThereLeft", name, file),
            (_, Left.Kept, _) => Failed("There", name, file),
            (_, Left.FileOnly, _) => Failed("FileThere", file),
            (true, _, true) => Warning("Outdated"),
            _ => Passed("None"),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, "virConnectListAllDomains, managed save", here ? "saved" : "none")
            .Seen(move.DestinationName, "virConnectListAllDomains, managed save", there switch { Left.None => "none", Left.Unseen => "not reached", _ => "saved" });
    }

    private static async Task<bool> IsSavedAtSourceAsync(ReadinessMove move, CancellationToken cancellationToken) =>
        (await move.Vm.InspectAsync().ConfigureAwait(false)).HasManagedSave
        || (!move.IsLive && await HostFiles.IsThereAsync(move.Path.SourceShell, FileOf(move.Vm.Vm.Name), cancellationToken).ConfigureAwait(false) == true);

    // Libvirt starts a VM from the file that bears its name, but knows of one only that it saved itself or found when it was started.
    private static async Task<Left> LookAtDestinationAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        try
        {
            await move.Destination.GetHostAsync().ConfigureAwait(false);
        }
        catch (HypervisorException)
        {
            return Left.Unseen;
        }

        var vms = await move.Destination.ListVmsAsync().ConfigureAwait(false);
        var isDefined = vms.Any(v => v.Uuid == move.Vm.Vm.Uuid);
        if (isDefined && (await move.Destination.InspectVmsAsync().ConfigureAwait(false)).GetValueOrDefault(move.Vm.Vm.Uuid) is { HasManagedSave: true })
        {
            return Left.Kept;
        }

        // Another VM's memory is that VM's.
        if (!isDefined && vms.Any(v => string.Equals(v.Name, move.NameAtDestination, StringComparison.Ordinal)))
        {
            return Left.None;
        }

        var file = await HostFiles.IsThereAsync(move.Path.DestinationShell, FileOf(move.NameAtDestination), cancellationToken).ConfigureAwait(false);
        return file != true ? Left.None : isDefined ? Left.Kept : Left.FileOnly;
    }

    private static string FileOf(string name) => $"/var/lib/libvirt/qemu/save/{name}.save";

    // What the destination has of the VM's memory: nothing, what its own definition goes on from, or a file that waits for a definition. To a
    // host that can't be reached nothing moves, and it is said elsewhere why.
    private enum Left
    {
        Unseen,
        None,
        Kept,
        FileOnly,
    }
}
