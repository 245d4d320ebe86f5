using VirtMigrate.Failures;
using VirtMigrate.Hosts;

namespace VirtMigrate.Estimation;

/// <summary>Measures how fast one VM changes its memory, over several periods, one after the other.</summary>
public static class DirtyRateMeasurement
{
    /// <summary>
    /// The periods, in seconds, that tell enough of a VM to estimate its migration. The short ones decide over the last iterations and are the
    /// least certain: most of the time goes to them, and they are spread over it, so that one burst is not taken for the rule.
    /// </summary>
    public static IReadOnlyList<int> CurvePeriods { get; } =
    [
        1, 1, 1, 2, 1, 1, 5, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 5, 10,
        30, 1, 1, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 5, 1, 1, 1, 2, 1, 1,
    ];

    /// <summary>Measures one VM. Nothing but waiting is ended by cancelling: QEMU goes on to the end of the period by itself.</summary>
    /// <param name="host">The host that the VM is on.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="periods">How long each reading is, in whole seconds from 1 to 60; at least one.</param>
    /// <param name="mode">How to measure.</param>
    /// <param name="progress">Takes each reading as soon as it is there; null for none.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>The readings and the curve through them.</returns>
    /// <exception cref="VmGoneException">The host does not have the VM any more.</exception>
    /// <exception cref="VmMigratingException">The VM is being migrated.</exception>
    /// <exception cref="VmJobException">Another job keeps the VM from being measured.</exception>
    /// <exception cref="DirtyRateVmStateException">The guest does not run.</exception>
    /// <exception cref="DirtyRateModeException">The VM can't be measured in this mode.</exception>
    /// <exception cref="DirtyRateInterruptedException">The VM stopped or left meanwhile.</exception>
    /// <exception cref="HypervisorException">The host can't be asked, or refuses.</exception>
    public static async Task<VmDirtyRate> MeasureAsync(
        IHostInspection host,
        Vm vm,
        IReadOnlyList<int> periods,
        DirtyRateMode mode,
        IProgress<DirtyRateReading>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(vm);
        ArgumentNullException.ThrowIfNull(periods);
        var measured = await FindAsync(host, vm, cancellationToken).ConfigureAwait(false);
        var readings = new List<DirtyRateReading>(periods.Count);
        foreach (var period in periods)
        {
            var reading = await ReadAsync(host, measured, TimeSpan.FromSeconds(period), mode, cancellationToken).ConfigureAwait(false);
            readings.Add(reading);
            progress?.Report(reading);
        }

        return new()
        {
            Vm = measured.Name,
            Uuid = measured.Uuid,
            VmHost = measured.VmHost,
            Readings = readings,
            Curve = ConcaveFit.Curve(readings, Math.Min(measured.Memory, readings.Max(r => r.ResidentMemory) ?? measured.Memory)),
        };
    }

    // The VM as it is now, if it can be measured. Libvirt itself would wait half a minute for a job before it refused.
    private static async Task<Vm> FindAsync(IHostInspection host, Vm vm, CancellationToken cancellationToken)
    {
        var now = await host.FindVmAsync(vm.Uuid, cancellationToken).ConfigureAwait(false)
            ?? throw new VmGoneException(vm.Name, host.Host.Name) { Vm = vm.Name };
        if (now.Status.IsActive)
        {
            await RefuseBusyAsync(host, now, cancellationToken).ConfigureAwait(false);
        }

        return now.Status.IsExecuting ? now : throw new DirtyRateVmStateException(now);
    }

    private static async Task RefuseBusyAsync(IHostInspection host, Vm vm, CancellationToken cancellationToken)
    {
        var job = (await host.GetJobAsync(vm.Uuid, cancellationToken).ConfigureAwait(false)).Statistics;
        if (job is { IsMigration: true } || vm.Status.IsPausedByMigration || vm.Status.IsPostCopyHalf)
        {
            throw new VmMigratingException(vm.Name, host.Host.Name) { Vm = vm.Name };
        }

        // A backup does not keep the VM from being measured.
        if (job is { Operation: not JobOperation.Backup })
        {
            throw new VmJobException(vm.Name, job.Operation) { Vm = vm.Name };
        }
    }

    private static async Task<DirtyRateReading> ReadAsync(
        IHostInspection host, Vm vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        try
        {
            var reading = await host.MeasureDirtyRateAsync(vm.Uuid, period, mode, cancellationToken).ConfigureAwait(false);
            await RefuseStoppedAsync(host, vm, cause: null, cancellationToken).ConfigureAwait(false);
            return reading;
        }
        catch (HypervisorNotSupportedException e) when (mode != DirtyRateMode.PageSampling)
        {
            throw new DirtyRateModeException(vm.Name, mode, e) { Vm = vm.Name };
        }
        catch (HypervisorException e) when (e is not (HostConnectionLostException or HostTimeoutException or HypervisorNotSupportedException))
        {
            await RefuseStoppedAsync(host, vm, e, cancellationToken).ConfigureAwait(false);
            await RefuseBusyAsync(host, vm, cancellationToken).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task RefuseStoppedAsync(IHostInspection host, Vm vm, Exception? cause, CancellationToken cancellationToken)
    {
        var now = await host.FindVmAsync(vm.Uuid, cancellationToken).ConfigureAwait(false);
        if (now is not { Status.IsExecuting: true })
        {
            throw new DirtyRateInterruptedException(vm, now?.Status, cause);
        }
    }
}

/// <summary>The VM stopped, or left its host, while its dirty rate was measured.</summary>
public sealed class DirtyRateInterruptedException : MigrationException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="vm">The VM as it was when the measuring began.</param>
    /// <param name="now">Its state now; null when its host does not have it any more.</param>
    /// <param name="innerException">What the host said to a measurement without a VM.</param>
    public DirtyRateInterruptedException(Vm vm, VmStatus? now, Exception? innerException = null)
        : base(Tell(vm, now), innerException)
    {
        Vm = vm.Name;
        Status = now;
    }

    /// <summary>The VM's state; null when its host does not have it any more.</summary>
    public VmStatus? Status { get; }

    private static string Tell(Vm vm, VmStatus? now)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return now switch
        {
            null => $"The VM '{vm.Name}' left '{vm.VmHost.Name}' while its dirty rate was measured.",
            { IsMigratedAway: true } => $"The VM '{vm.Name}' was migrated away from '{vm.VmHost.Name}' while its dirty rate was measured.",
            { } status => $"The VM '{vm.Name}' stopped while its dirty rate was measured; it is {status} now.",
        };
    }
}

/// <summary>The VM's dirty rate can't be measured in the mode that was asked for.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="mode">The mode.</param>
/// <param name="cause">What keeps it.</param>
public sealed class DirtyRateModeException(string vm, DirtyRateMode mode, HypervisorNotSupportedException cause)
    : MigrationException($"The dirty rate of VM '{vm}' can't be measured in mode {mode}: {cause.Message}", cause)
{
    /// <summary>The mode.</summary>
    public DirtyRateMode Mode { get; } = mode;
}

/// <summary>The VM's dirty rate can't be measured, since its guest does not run.</summary>
public sealed class DirtyRateVmStateException : MigrationException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="vm">The VM as it is.</param>
    public DirtyRateVmStateException(Vm vm)
        : base(Tell(vm))
    {
        Vm = vm.Name;
        Status = vm.Status;
    }

    /// <summary>The VM's state.</summary>
    public VmStatus Status { get; }

    private static string Tell(Vm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return vm.Status.IsActive
            ? $"The VM '{vm.Name}' is {vm.Status}: a guest that does not run writes nothing, and its dirty rate would read 0."
            : $"The VM '{vm.Name}' is {vm.Status}; the dirty rate can be measured only while a VM runs.";
    }
}
