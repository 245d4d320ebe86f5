using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>Reads the block jobs of a VM, without waiting for the VM's job lock.</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshBlockJobReader(IVirsh virsh)
{
    /// <summary>Reads the block jobs on some disks.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="targets">The disks' targets.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The jobs; null when the VM's lock is held by somebody else.</returns>
    public async Task<IReadOnlyList<BlockJob>?> ReadAsync(Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken)
    {
        if (!await new VirshJobLock(virsh).IsFreeAsync(vm, cancellationToken).ConfigureAwait(false))
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
