using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// Memory that libvirt saved (virsh managedsave) lies in a file beside the definition, which no migration takes along or removes. The next
/// start of the VM on that host goes on from it, however often the VM has run elsewhere since: its guest then works with old memory on a
/// newer disk.
/// </summary>
internal sealed class ManagedSaveCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject =>
        "No host keeps a managed save image of the VM (virsh managedsave), from which a later start there would resume.";
    public override bool CanChange => true;
    public override bool ProtectsData => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var here = await IsSavedAtSourceAsync(context, cancellationToken).ConfigureAwait(false);
        var there = await LookAtDestinationAsync(context, cancellationToken).ConfigureAwait(false);
        var isLeft = context.Options.Has(MigrationOptions.LeaveManagedSave);
        var (name, file) = (new CommandWord(context.NameAtDestination), new CommandWord(FileOf(context.NameAtDestination)));
        var fileHere = new CommandWord(FileOf(context.Vm.Vm.Name));
        var finding = (here, there, context.IsLive) switch
        {
            (true, _, false) => isLeft
                ? Warning(
                    $"The VM's memory stays saved on '{context.SourceName}' (-LeaveManagedSave): after the VM has run on " +
                        $"'{context.DestinationName}', a start on '{context.SourceName}' resumes this old memory against a newer disk, which " +
                        $"corrupts it.",
                    advice: $"Before the VM starts on '{context.DestinationName}', discard what is saved: virsh -c {context.SourceUri} " +
                        $"managedsave-remove {context.VmName}, or where virsh finds none, as root on '{context.SourceName}': rm {fileHere}")
                : Failed(
                    $"The VM's memory is saved on '{context.SourceName}' and does not move with the definition: on '{context.DestinationName}' " +
                        $"the VM would boot without it, and a later start on '{context.SourceName}' would resume this old memory against a newer " +
                        $"disk, which corrupts it.",
                    advice: $"Start the VM, which resumes from the saved memory, and move it live: virsh -c {context.SourceUri} start " +
                        $"{context.VmName}. Or discard that memory (the guest then boots as after a power failure): virsh -c {context.SourceUri} " +
                        $"managedsave-remove {context.VmName}, or where virsh finds none, as root on '{context.SourceName}': rm {fileHere}. " +
                        $"-LeaveManagedSave migrates the VM nevertheless and leaves the image."),
            (_, Left.Unseen, _) => NotApplicable($"'{context.DestinationName}' can't be reached, so nothing can move there."),
            (_, not Left.None, _) when isLeft => Warning(
                $"Memory of a VM of this name stays saved on '{context.DestinationName}' (-LeaveManagedSave): the next start there resumes this " +
                    $"old memory against a newer disk, which corrupts it.",
                advice: $"Discard it before the VM is started there: virsh -c {context.DestinationUri} managedsave-remove {name}, or where virsh " +
                    $"finds none, as root on '{context.DestinationName}': rm {file}"),
            (_, Left.Kept, _) => Failed(
                $"Memory of the VM is still saved on '{context.DestinationName}', from before: the next start there would resume this old memory " +
                    $"against a newer disk, which corrupts it.",
                advice: $"Discard it: virsh -c {context.DestinationUri} managedsave-remove {name}, or where virsh finds none, as root on " +
                    $"'{context.DestinationName}': rm {file}. -LeaveManagedSave migrates the VM nevertheless and leaves the image."),
            (_, Left.FileOnly, _) => Failed(
                $"A file on '{context.DestinationName}' holds saved memory of a VM of this name: {file}. Once the VM is defined there, libvirt " +
                    $"would start it from that memory against another disk, which corrupts it, or not at all.",
                advice: $"If nobody needs it any more, as root on '{context.DestinationName}': rm {file}. -LeaveManagedSave migrates the VM " +
                    $"nevertheless and leaves the file."),
            (true, _, true) => Warning(
                $"A managed save image older than the running VM is still on '{context.SourceName}': a later start there resumes this old memory " +
                    $"against a newer disk, which corrupts it.",
                advice: $"Discard it: virsh -c {context.SourceUri} managedsave-remove {context.VmName}"),
            _ => Passed($"Neither host is known to keep a managed save image of the VM."),
        };
        return finding
            .Seen(context.SourceName, "virConnectListAllDomains, managed save", here ? "saved" : "none")
            .Seen(context.DestinationName, "virConnectListAllDomains, managed save", there switch { Left.None => "none", Left.Unseen => "not reached", _ => "saved" });
    }

    private static async Task<bool> IsSavedAtSourceAsync(CheckContext context, CancellationToken cancellationToken) =>
        (await context.Vm.InspectAsync().ConfigureAwait(false)).HasManagedSave
        || (!context.IsLive && await context.Source.HasFileAsync(FileOf(context.Vm.Vm.Name), cancellationToken).ConfigureAwait(false) == true);

    // Libvirt starts a VM from the file that bears its name, but knows of one only that it saved itself or found when it was started.
    private static async Task<Left> LookAtDestinationAsync(CheckContext context, CancellationToken cancellationToken)
    {
        try
        {
            await context.Destination.GetHostAsync().ConfigureAwait(false);
        }
        catch (HypervisorException)
        {
            return Left.Unseen;
        }

        var vms = await context.Destination.ListVmsAsync().ConfigureAwait(false);
        var isDefined = vms.Any(v => v.Uuid == context.Vm.Vm.Uuid);
        if (isDefined && (await context.Destination.InspectVmsAsync().ConfigureAwait(false)).GetValueOrDefault(context.Vm.Vm.Uuid) is { HasManagedSave: true })
        {
            return Left.Kept;
        }

        // Another VM's memory is that VM's.
        if (!isDefined && vms.Any(v => string.Equals(v.Name, context.NameAtDestination, StringComparison.Ordinal)))
        {
            return Left.None;
        }

        var file = await context.Destination.HasFileAsync(FileOf(context.NameAtDestination), cancellationToken).ConfigureAwait(false);
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
