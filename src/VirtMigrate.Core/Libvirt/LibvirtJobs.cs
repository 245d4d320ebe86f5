using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;

namespace VirtMigrate.Libvirt;

/// <summary>Reads what a domain's jobs are doing and did.</summary>
internal sealed unsafe class LibvirtJobs(HostAddress address)
{
    private const uint Completed = 1 << 0;
    private const uint KeepCompleted = 1 << 1;
    private const int NoJob = 0;

    // virDomainControlState: an interface that is free takes no waiting; one that is taken may take 30 s.
    private const uint ControlFree = 0;
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads the present job, unless somebody else holds the domain's job lock.</summary>
    public JobReading ReadPresent(DomainHandle domain)
    {
        if (!IsFree(domain))
        {
            return new(null, IsHidden: true);
        }

        if (NativeMethods.DomainGetJobStats(domain, out var type, out var parameters, out var count, 0) >= 0)
        {
            return new(Take(type, parameters, count));
        }

        var exception = LibvirtErrors.LastException(address);
        return exception switch
        {
            HypervisorNotSupportedException => new(null, IsIncoming: true),
            VmBusyException => new(null, IsHidden: true),
            _ when exception.Error?.Code == LibvirtErrorCode.OperationInvalid => new(null),
            _ => throw exception,
        };
    }

    /// <summary>Reads the statistics of the last job that ended, and leaves it there for others.</summary>
    public JobStatistics? ReadCompleted(DomainHandle domain)
    {
        if (NativeMethods.DomainGetJobStats(domain, out var type, out var parameters, out var count, Completed | KeepCompleted) >= 0)
        {
            return Take(type, parameters, count);
        }

        var exception = LibvirtErrors.LastException(address);
        return exception is HypervisorNotSupportedException || exception.Error?.Code == LibvirtErrorCode.OperationInvalid
            ? null
            : throw exception;
    }

    /// <summary>Reads the block jobs on some disks; null when the VM's job lock is held by somebody else.</summary>
    public IReadOnlyList<BlockJob>? ReadBlockJobs(DomainHandle domain, IReadOnlyCollection<string> targets) =>
        IsFree(domain) ? [.. targets.Select(t => ReadBlockJob(domain, t)).OfType<BlockJob>()] : null;

    /// <summary>Whether a call that takes the domain's job lock would be answered at once.</summary>
    private static bool IsFree(DomainHandle domain)
    {
        // Every look by anybody takes the lock for a moment; only one that is held for longer is worth avoiding.
        for (var look = 0; look < Looks; look++)
        {
            // A driver without control information has no such lock either.
            if (NativeMethods.DomainGetControlInfo(domain, out var info, 0) < 0 || info.State == ControlFree)
            {
                return true;
            }

            Thread.Sleep(BetweenLooks);
        }

        return false;
    }

    private BlockJob? ReadBlockJob(DomainHandle domain, string target)
    {
        var found = NativeMethods.DomainGetBlockJobInfo(domain, target, out var info, 0);
        if (found > 0)
        {
            return new(target, BlockJob.Describe(info.Type), (long)info.Position, (long)info.End);
        }

        // A VM that stopped meanwhile has no block jobs any more.
        return found == 0 || LibvirtErrors.Last().Code == LibvirtErrorCode.OperationInvalid ? null : throw LibvirtErrors.LastException(address);
    }

    private static JobStatistics? Take(int type, NativeTypedParameter* parameters, int count)
    {
        try
        {
            return type == NoJob ? null : JobStatisticsReader.Read(type, NativeTypedParameter.Copy(new(parameters, count)));
        }
        finally
        {
            NativeMethods.TypedParamsFree(parameters, count);
        }
    }
}
