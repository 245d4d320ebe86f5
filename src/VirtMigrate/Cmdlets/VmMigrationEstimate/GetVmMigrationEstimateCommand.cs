using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Estimation;
using VirtMigrate.Hosts;
using VirtMigrate.Progress;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Tells before a migration begins whether it will end, how long it will take and how long the guest will stand still, and recommends
/// options. Takes the options of Start-VmMigration; what it recommends goes on to it by the pipeline.
/// <para>
/// Has no counterpart in virsh. Measures how fast each running VM changes its memory, for nearly two minutes, unless it is given what
/// Measure-VmDirtyRate measured. Changes nothing on the hosts.
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Get, "VmMigrationEstimate")]
[OutputType(typeof(VmMigrationEstimate))]
public sealed class GetVmMigrationEstimateCommand : MigrationOptionCmdlet
{
    private readonly List<EstimateRequest> _requests = [];
    private ReadinessRequestBuilder _builder = null!;

    /// <summary>
    /// The VMs: names with wildcards, UUIDs, Vm objects, or anything else of this module that speaks of a VM. What Measure-VmDirtyRate
    /// returned is used instead of measuring again.
    /// </summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [VmTransformation]
    [ArgumentCompleter(typeof(VmNameCompleter))]
    public VmSelector[] Vm { get; set; } = [];

    /// <summary>The host that the VMs are on, for VMs given by name. The default source when left out.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Source")]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string? VmHost { get; set; }

    /// <summary>
    /// The hosts that the VMs could go to; each VM is estimated for each of them. When left out: VIRTMIGRATE_DESTINATION, else all other
    /// connected hosts.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string[] Destination { get; set; } = [];

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
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _builder = new(Connections, ReadValidSettings());
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var selector in Vm)
        {
            Run((queue, cancellationToken) => BuildAsync(selector, queue, cancellationToken));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_requests.Count > 0)
        {
            Run(EstimateAsync);
        }
    }

    private async Task BuildAsync(VmSelector selector, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            var migrations = await _builder.BuildAsync(selector, VmHost, Destination, cancellationToken).ConfigureAwait(false);
            _requests.AddRange(migrations.Select(m => new EstimateRequest(m, selector.Reference as VmDirtyRate ?? DirtyRate.LastOrDefault(d => d.Uuid == m.Vm.Uuid))));
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.CreateFor(e, selector));
        }
    }

    private async Task EstimateAsync(PipelineQueue queue, CancellationToken cancellationToken)
    {
        Guid[] measured = [.. _requests.Where(r => r.DirtyRate is null && r.Migration.Vm.Status.IsExecuting).Select(r => r.Migration.Vm.Uuid).Distinct()];
        string[] names = [.. measured.Select(m => _requests.First(r => r.Migration.Vm.Uuid == m).Migration.Vm.Name)];
        using var progress = new DirtyRateProgressWriter(names, DirtyRateMeasurement.CurvePeriods, queue.WriteProgress);
        var run = new MigrationEstimator(new BandwidthHistory([.. Session.History.Records, .. History]), MeasureAsync, cancellationToken);
        var estimates = await run.StartAsync(_requests).ConfigureAwait(false);
        Task<VmMigrationEstimate?>[] work = [.. estimates.Zip(_requests, (e, r) => OrderedWork.TellErrorAsync(e, r.Migration.Vm, queue))];
        await OrderedWork.WriteAsync(work, queue).ConfigureAwait(false);

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
