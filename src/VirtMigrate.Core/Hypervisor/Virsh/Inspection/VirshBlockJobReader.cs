using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Libvirt;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Reads the block jobs of a VM, without waiting for the VM's job lock.</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshBlockJobReader(IVirsh virsh)
{
    // Every look by anybody takes the lock for a moment; only one that is held for longer is worth avoiding.
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Tells whether a call that takes a VM's job lock would be answered at once (virDomainGetControlInfo).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when somebody holds the lock.</returns>
    public async Task<bool> IsFreeAsync(Guid vm, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> command = ["domcontrol", vm.ToString()];
        for (var look = 0; look < Looks; look++)
        {
            // A driver without control information has no such lock either.
            var answers = await virsh.RunManyAsync([command], cancellationToken).ConfigureAwait(false);
            if (answers[0].Error is not null || DomcontrolOutput.ReadIsFree(answers[0].Output))
            {
                return true;
            }

            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    /// <summary>Reads the block jobs on some disks.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="targets">The disks' targets.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The jobs; null when the VM's lock is held by somebody else.</returns>
    public async Task<IReadOnlyList<BlockJob>?> ReadAsync(Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken)
    {
        if (!await IsFreeAsync(vm, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        if (targets.Count == 0)
        {
            return [];
        }

        var answers = await virsh.RunManyAsync(
            [.. targets.Select(t => (string[])["blockjob", "--raw", "--domain", vm.ToString(), "--path", t])], cancellationToken).ConfigureAwait(false);

        // A VM that stopped meanwhile has no block jobs any more.
        return
        [
            .. targets.Zip(answers).Where(a => a.Second.Error?.Error?.Code != LibvirtErrorCode.OperationInvalid)
                .Select(a => BlockjobOutput.Read(a.Second.Take(), a.First)).OfType<BlockJob>(),
        ];
    }
}
