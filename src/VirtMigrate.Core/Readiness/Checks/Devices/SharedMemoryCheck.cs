using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Memory that the guest shares with others on its host moves only with the VM that is its master.</summary>
internal sealed class SharedMemoryCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject => "This VM is the master of all its shared memory (shmem).";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var devices = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).SharedMemory;
        if (devices.Count == 0)
        {
            return NotApplicable($"The guest shares no memory (shmem).");
        }

        if (!context.IsLive)
        {
            return NotApplicable($"Only the definition moves; shared memory is used when the VM runs.");
        }

        var host = await context.Source.GetHostAsync().ConfigureAwait(false);
        var legacy = devices.FirstOrDefault(d => d.Model is "ivshmem");
        var peer = devices.FirstOrDefault(d => d.Role is not "master");
        var finding = legacy is not null
            ? Failed(
                $"The shared memory '{legacy.Name}' is of the old model ivshmem, which can't migrate.",
                advice: $"Remove it, or change its model to ivshmem-plain with role='master': virsh -c {context.SourceUri} edit {context.VmName}",
                libvirt: $"migration with legacy shmem device is not supported")
            : peer is null ? Passed($"This VM is the master of the memory that it shares: {devices.Select(d => d.Name)}.")
            : Failed(
                $"The shared memory '{peer.Name}' is not this VM's own (it has no role='master' for it), and can't move with it.",
                advice: $"Unplug it first (virsh -c {context.SourceUri} detach-device {context.VmName} FILE --live), or set role='master' for " +
                    $"the VM's next start: virsh -c {context.SourceUri} edit {context.VmName}",
                libvirt: $"{(QemuVersions.AsksQemu(host)
                ? "Migration is disabled when using feature 'peer mode' in device 'ivshmem'"
                : $"shmem device '{peer.Name}' cannot be migrated, only shmem with role='master' can be migrated")}");
        return finding.Seen(host.Name, "domain XML, shmem", string.Join(", ", devices.Select(d => $"{d.Name}: {d.Model}, role {d.Role ?? "not given"}")));
    }
}
