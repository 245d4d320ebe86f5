using System.Management.Automation;
using VirtMigrate.Estimation;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Progress;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Tells before a migration begins whether it will converge, how long it and the downtime of its guest will be, and recommends
/// options. Takes the options of Start-VmMigration; an estimate can be piped to it.
/// <para>
/// Has no counterpart in virsh. Measures how fast each running VM changes its memory, for nearly two minutes, unless it is given what
/// Measure-VmDirtyRate measured. Changes nothing on the hosts.
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "VmMigrationEstimate")]
[OutputType(typeof(VmMigrationEstimate))]
public sealed class GetVmMigrationEstimateCommand : MigrationCandidateCmdlet
{
    /// <summary>
    /// What Measure-VmDirtyRate has measured of the VMs before, wherever they were then. A VM that is not among it is measured now.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    public VmDirtyRate[] DirtyRate { get; set; } = [];

    /// <summary>
    /// What earlier migrations achieved: records of Get-VmMigrationBandwidth, or what Import-Csv reads of a file that they were exported to.
    /// Counts beside what this session has seen.
    /// </summary>
    [Parameter]
    [BandwidthHistoryTransformation]
    public VmMigrationBandwidth[] History { get; set; } = [];

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Migrations.Count > 0)
        {
            Run(EstimateAsync);
        }
    }

    // There is no telling how a migration would go with options that exclude each other.
    private protected override MigrationSettings Settle() => ReadValidSettings();

    private async Task EstimateAsync(PipelineQueue queue, CancellationToken cancellationToken)
    {
        EstimateRequest[] requests =
        [
            .. Migrations.Select(m => new EstimateRequest(
                m.Request, m.Selector.Reference as VmDirtyRate ?? DirtyRate.LastOrDefault(d => d.Uuid == m.Request.Vm.Uuid))),
        ];
        Guid[] measured = [.. requests.Where(r => r.DirtyRate is null && r.Migration.Vm.Status.IsExecuting).Select(r => r.Migration.Vm.Uuid).Distinct()];
        string[] names = [.. measured.Select(m => requests.First(r => r.Migration.Vm.Uuid == m).Migration.Vm.Name)];
        using var progress = new DirtyRateProgressWriter(names, DirtyRateMeasurement.CurvePeriods, queue.WriteProgress);
        var run = new MigrationEstimator(new BandwidthHistory([.. Session.History.Records, .. History]), MeasureAsync, cancellationToken);
        var estimates = await run.StartAsync(requests).ConfigureAwait(false);
        Task<VmMigrationEstimate?>[] work = [.. estimates.Zip(requests, (e, r) => queue.TryAsync(e, r.Migration.Vm))];
        await queue.WriteInOrderAsync(work).ConfigureAwait(false);

        async Task<VmDirtyRate> MeasureAsync(IHostInspection host, Vm vm, CancellationToken token)
        {
            var bar = progress.Of(Array.IndexOf(measured, vm.Uuid));
            try
            {
                return await DirtyRateMeasurement
                    .MeasureAsync(host, vm, DirtyRateMeasurement.CurvePeriods, DirtyRateMode.PageSampling, bar, token).ConfigureAwait(false);
            }
            finally
            {
                bar.End();
            }
        }
    }
}
