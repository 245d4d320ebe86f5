using VirtMigrate.Hypervisor.Virsh.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing.Vms;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Reads what a VM's jobs are doing and did (domcontrol, domjobinfo).</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshJobs(IVirsh virsh)
{
    private const int NoJob = 0;

    /// <summary>Reads the present job, unless somebody else holds the VM's job lock.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What was found.</returns>
    public async Task<JobReading> ReadPresentAsync(Guid vm, CancellationToken cancellationToken)
    {
        if (!await new VirshJobLock(virsh).IsFreeAsync(vm, cancellationToken).ConfigureAwait(false))
        {
            return new(null, IsHidden: true);
        }

        try
        {
            return new(await ReadAsync(["domjobinfo", "--rawstats", $"{vm}"], cancellationToken).ConfigureAwait(false));
        }
        catch (HypervisorNotSupportedException)
        {
            return new(null, IsIncoming: true);
        }
        catch (VmBusyException)
        {
            return new(null, IsHidden: true);
        }
        catch (HypervisorException e) when (e.Error?.Code == LibvirtErrorCode.OperationInvalid)
        {
            return new(null);
        }
    }

    /// <summary>Reads the account of the last job that ended, and leaves it there for others.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The account; null where there is none.</returns>
    public async Task<JobStatistics?> ReadCompletedAsync(Guid vm, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(["domjobinfo", "--completed", "--keep-completed", "--rawstats", $"{vm}"], cancellationToken).ConfigureAwait(false);
        }
        catch (HypervisorException e) when (e is HypervisorNotSupportedException || e.Error?.Code == LibvirtErrorCode.OperationInvalid)
        {
            return null;
        }
    }

    private async Task<JobStatistics?> ReadAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var (type, values) = DomjobinfoOutput.Read(await virsh.RunAsync(command, cancellationToken).ConfigureAwait(false));
        return type == NoJob ? null : JobStatisticsReader.Read(type, values);
    }
}
