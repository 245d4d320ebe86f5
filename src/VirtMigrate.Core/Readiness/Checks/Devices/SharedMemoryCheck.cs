using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Memory that the guest shares with others on its host moves only with the VM that is its master.</summary>
public sealed class SharedMemoryCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var devices = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).SharedMemory;
        if (devices.Count == 0)
        {
            return NotApplicable("None");
        }

        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var host = await move.Source.GetHostAsync().ConfigureAwait(false);
        var legacy = devices.FirstOrDefault(d => d.Model is "ivshmem");
        var peer = devices.FirstOrDefault(d => d.Role is not "master");
        var finding = legacy is not null ? Failed("Legacy", legacy.Name)
            : peer is null ? Passed("Master", string.Join(", ", devices.Select(d => d.Name)))
            : Failed("Peer", peer.Name, QemuVersions.AsksQemu(host)
                ? "Migration is disabled when using feature 'peer mode' in device 'ivshmem'"
                : $"shmem device '{peer.Name}' cannot be migrated, only shmem with role='master' can be migrated");
        return finding.Seen(host.Name, "domain XML, shmem", string.Join(", ", devices.Select(d => $"{d.Name}: {d.Model}, role {d.Role ?? "not given"}")));
    }
}
