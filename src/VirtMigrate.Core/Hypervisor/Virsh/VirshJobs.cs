using System.Globalization;
using VirtMigrate.Hypervisor.Libvirt;
using VirtMigrate.Hypervisor.Statistics;
using VirtMigrate.Hypervisor.Virsh.Parsing;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Reads what a VM's jobs are doing and did (domcontrol, domjobinfo).</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshJobs(IVirsh virsh)
{
    private const int NoJob = 0;
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads the present job, unless somebody else holds the VM's job lock.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>What was found.</returns>
    public async Task<JobReading> ReadPresentAsync(Guid vm, CancellationToken cancellationToken)
    {
        if (!await IsFreeAsync(vm, cancellationToken).ConfigureAwait(false))
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

    /// <summary>Tells whether a call that takes the VM's job lock would be answered at once.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>False when somebody holds the lock.</returns>
    public async Task<bool> IsFreeAsync(Guid vm, CancellationToken cancellationToken)
    {
        // Every look by anybody takes the lock for a moment; only one that is held for longer is worth avoiding.
        for (var look = 0; look < Looks; look++)
        {
            if (await IsUntakenAsync(vm, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }

            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private async Task<bool> IsUntakenAsync(Guid vm, CancellationToken cancellationToken)
    {
        try
        {
            return await virsh.RunAsync(["domcontrol", $"{vm}"], cancellationToken).ConfigureAwait(false) is var state
                && state.StartsWith("ok", StringComparison.Ordinal);
        }
        catch (HypervisorException e) when (e.Error is not null and not { Code: LibvirtErrorCode.NoDomain } && e is not HostConnectionLostException)
        {
            // A driver without control information has no such lock either; what does not run has nobody who holds it.
            return true;
        }
    }

    private async Task<JobStatistics?> ReadAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var (type, values) = JobInfoParser.Parse(await virsh.RunAsync(command, cancellationToken).ConfigureAwait(false));
        return type == NoJob ? null : JobStatisticsReader.Read(type, values);
    }
}
