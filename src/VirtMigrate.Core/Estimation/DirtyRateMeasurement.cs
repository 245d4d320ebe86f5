using VirtMigrate.Failures;
using VirtMigrate.Hosts;

namespace VirtMigrate.Estimation;

/// <summary>Measures how fast one VM changes its memory, over several periods, one after the other.</summary>
internal static class DirtyRateMeasurement
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
    /// <exception cref="MigrationException">
    /// The host does not have the VM any more. The VM is being migrated. Another job keeps the VM from being measured.
    /// </exception>
    /// <exception cref="MigrationException">
    /// The guest does not run. The VM can't be measured in this mode. The VM stopped or left meanwhile.
    /// </exception>
    /// <exception cref="HypervisorException">The host can't be asked, or refuses.</exception>
    public static async Task<VmDirtyRate> MeasureAsync(
        IHostInspection host,
        Vm vm,
        IReadOnlyList<int> periods,
        DirtyRateMode mode,
        IProgress<DirtyRateReading>? progress,
        CancellationToken cancellationToken)
    {
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
            ?? throw VmFailures.IsGone(vm.Name, host.Host.Name);
        if (now.Status.IsActive)
        {
            await RefuseBusyAsync(host, now, cancellationToken).ConfigureAwait(false);
        }

        return now.Status.IsExecuting ? now : throw VmFailures.WritesNothing(now);
    }

    private static async Task RefuseBusyAsync(IHostInspection host, Vm vm, CancellationToken cancellationToken)
    {
        var job = (await host.GetJobAsync(vm.Uuid, cancellationToken).ConfigureAwait(false)).Statistics;
        if (job is { IsMigration: true } || vm.Status.IsPausedByMigration || vm.Status.IsPostCopyHalf)
        {
            throw VmFailures.IsMigrating(vm.Name, host.Host.Name);
        }

        // A backup does not keep the VM from being measured.
        if (job is { Operation: not JobOperation.Backup })
        {
            throw VmFailures.IsBusy(vm.Name, job.Operation);
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
            throw RequestFailures.WrongMode(vm.Name, mode, e);
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
            throw RequestFailures.Interrupted(vm, now?.Status, cause);
        }
    }
}
