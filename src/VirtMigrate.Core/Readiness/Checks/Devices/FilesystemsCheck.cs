using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A directory of the host that the guest sees keeps the VM there: virtiofs always with older QEMU, 9p while the guest has it mounted.</summary>
internal sealed class FilesystemsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No directory that the host shares with the guest (virtiofs, 9p) keeps the VM on its host.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var directories = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).SharedDirectories;
        if (directories.Count == 0)
        {
            return NotApplicable($"The host shares no directory with the guest.");
        }

        if (!context.IsLive)
        {
            return NotApplicable(
                $"A VM that is shut off can move; its shared directories must exist on '{context.DestinationName}' before it starts: " +
                    $"{directories}.");
        }

        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        var virtiofs = string.Join(", ", directories.Where(d => d.IsVirtiofs));
        var finding = virtiofs.Length == 0
            ? NotVerified(
                $"The VM can't move while its guest has these directories mounted, and that can't be seen from here: {directories}.",
                advice: $"Unmount them in the guest, and make sure that the directories exist on '{context.DestinationName}'.",
                libvirt: $"Migration is disabled when VirtFS export path '{directories[0].Source}' is mounted in the guest")
            : host.HypervisorVersion >= QemuVersions.Virtiofs
                ? NotVerified(
                    $"Can't tell whether the virtiofsd of these directories can hand over its state: {virtiofs}.",
                    advice: $"It can from version 1.11 on, with the directories on shared storage. Otherwise unplug them: virsh -c " +
                        $"{context.SourceUri} detach-device {context.VmName} FILE --live",
                    libvirt: $"migration with virtiofs device is not supported")
            : Failed(
                $"QEMU on '{context.SourceName}' can't migrate directories shared by virtiofs: {virtiofs}.",
                advice: $"Unmount them in the guest and unplug them (virsh -c {context.SourceUri} detach-device {context.VmName} FILE --live), " +
                    $"or shut the VM down and migrate it offline.",
                libvirt: $"{(QemuVersions.AsksQemu(host)
                ? "cannot migrate domain: non-migratable device"
                : "migration with virtiofs device is not supported")}");
        return finding
            .Seen(host.Name, "domain XML", string.Join(", ", directories.Select(d => $"{(d.IsVirtiofs ? "virtiofs" : "9p")} {d}")))
            .Seen(host.Name, "QEMU", host.HypervisorVersion);
    }
}
