using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A directory of the host that the guest sees keeps the VM there: virtiofs always with older QEMU, 9p while the guest has it mounted.</summary>
internal sealed class FilesystemsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "No directory of the host that the guest sees (virtiofs, 9p) keeps the VM there.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var directories = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).SharedDirectories;
        if (directories.Count == 0)
        {
            return NotApplicable($"The guest sees no directory of the host.");
        }

        if (!context.IsLive)
        {
            return NotApplicable(
                $"A VM that is shut off moves whatever directories it sees; they have to be at '{context.DestinationName}' before it starts: " +
                    $"{directories}.");
        }

        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        var virtiofs = string.Join(", ", directories.Where(d => d.IsVirtiofs));
        var finding = virtiofs.Length == 0
            ? NotVerified(
                $"The VM can't move while the guest has these directories mounted, which can't be seen from here: {directories}.",
                advice: $"Unmount them in the guest, and see that the directories are on '{context.DestinationName}' as well.",
                libvirt: $"Migration is disabled when VirtFS export path '{directories[0].Source}' is mounted in the guest")
            : host.HypervisorVersion >= QemuVersions.Virtiofs
                ? NotVerified(
                    $"Whether the daemons behind these directories can hand over their state can't be seen: {virtiofs}.",
                    advice: $"They can from virtiofsd 1.11 on, with the directories on shared storage; else take them out: virsh -c " +
                        $"{context.SourceUri} detach-device {context.VmName} FILE --live",
                    libvirt: $"migration with virtiofs device is not supported")
            : Failed(
                $"This QEMU can't move the directories that the guest sees through virtiofs: {virtiofs}.",
                advice: $"Unmount them in the guest and take them out (virsh -c {context.SourceUri} detach-device {context.VmName} FILE --live), " +
                    $"or shut the VM down and migrate it offline.",
                libvirt: $"{(QemuVersions.AsksQemu(host)
                ? "cannot migrate domain: non-migratable device"
                : "migration with virtiofs device is not supported")}");
        return finding
            .Seen(host.Name, "domain XML", string.Join(", ", directories.Select(d => $"{(d.IsVirtiofs ? "virtiofs" : "9p")} {d}")))
            .Seen(host.Name, "QEMU", host.HypervisorVersion);
    }
}
