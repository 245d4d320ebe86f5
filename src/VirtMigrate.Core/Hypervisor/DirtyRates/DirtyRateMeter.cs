using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.DirtyRates;

/// <summary>Measures a VM's dirty rate over a transport that can look at a measurement and start one.</summary>
internal static class DirtyRateMeter
{
    // MAX_DIRTYRATE_CALC_PERIOD (qemu_driver.c).
    private const int LongestMeasuring = 60;
    private const string AlreadyMeasuring = "already being measured";

    /// <summary>Measures, after whatever else is being measured.</summary>
    /// <param name="address">The host.</param>
    /// <param name="period">How long: whole seconds from 1 to 60.</param>
    /// <param name="mode">How.</param>
    /// <param name="look">Looks at the VM's measurement.</param>
    /// <param name="start">Begins one of so many seconds; false where one is going on.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The reading.</returns>
    /// <exception cref="DirtyRateNotMeasurableException">QEMU found nothing that it could measure.</exception>
    /// <exception cref="HostTimeoutException">Others went on measuring, or the figure did not come.</exception>
    public static async Task<DirtyRateReading> MeasureAsync(
        HostAddress address,
        TimeSpan period,
        DirtyRateMode mode,
        Func<CancellationToken, Task<DirtyRateLook>> look,
        Func<int, CancellationToken, Task<bool>> start,
        CancellationToken cancellationToken)
    {
        var seconds = (int)Math.Clamp(Math.Ceiling(period.TotalSeconds), 1, LongestMeasuring);
        var turn = new DirtyRateTurn(look, ct => start(seconds, ct), TimeProvider.System);
        var begin = TimeProvider.System.GetTimestamp();
        try
        {
            return await turn.MeasureAsync(TimeSpan.FromSeconds(seconds), mode, cancellationToken).ConfigureAwait(false)
                ?? throw new DirtyRateNotMeasurableException(address);
        }
        catch (TimeoutException)
        {
            throw new HostTimeoutException(address, TimeProvider.System.GetElapsedTime(begin));
        }
    }

    /// <summary>Refuses to measure a VM that a job holds, for whose end libvirt would wait half a minute.</summary>
    /// <param name="job">The VM's present job.</param>
    /// <param name="address">The host.</param>
    /// <exception cref="VmBusyException">A job holds the VM.</exception>
    /// <remarks>A backup lets the VM be measured (VIR_JOB_MODIFY is among the jobs that it allows); no other job does.</remarks>
    public static void RefuseBusy(JobReading job, HostAddress address)
    {
        if (job.IsHidden || job.Statistics is { Operation: not JobOperation.Backup })
        {
            throw new VmBusyException(job.Statistics is { } statistics ? $"{statistics.Operation}." : "its job lock is held.", address);
        }
    }

    /// <summary>Tells why a measurement did not begin.</summary>
    /// <param name="exception">What libvirt said (virDomainStartDirtyRateCalc).</param>
    /// <param name="address">The host.</param>
    /// <returns>False: one is going on.</returns>
    /// <exception cref="HypervisorNotSupportedException">The VM can't be measured in this mode.</exception>
    /// <exception cref="HypervisorException">Anything else.</exception>
    public static bool FalseIfMeasuring(HypervisorException exception, HostAddress address) =>
        exception.Message.Contains(AlreadyMeasuring, StringComparison.Ordinal) ? false
            : DirtyRateModes.IsRefusal(exception) && exception.Error is { } error ? throw new HypervisorNotSupportedException(error, address)
            : throw exception;
}
