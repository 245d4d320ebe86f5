using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Estimation;
using VirtMigrate.Progress;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Measures how fast guests change their memory: over one period, or over several, from which the distinct memory that a guest changes
/// in any time follows. Several VMs are measured side by side, the readings of one VM one after the other.
/// <para>
/// Follows <c>virsh domdirtyrate-calc</c> with <c>virsh domstats --dirtyrate</c> (virDomainStartDirtyRateCalc). Ctrl+C ends the waiting;
/// QEMU ends its measurement by itself.
/// </para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Measure, "VmDirtyRate", DefaultParameterSetName = PeriodSet)]
[OutputType(typeof(VmDirtyRate))]
public sealed class MeasureVmDirtyRateCommand : SessionCmdlet
{
    private const string PeriodSet = "Period";
    private const string CurveSet = "Curve";

    private readonly List<(VmSelector Selector, string? Host)> _selectors = [];

    /// <summary>The VMs: names with wildcards, UUIDs, Vm objects, or anything else of this module that speaks of a VM.</summary>
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

    /// <summary>How long to measure, in seconds from 1 to 60; several for one reading each, in this order. 30 when left out.</summary>
    [Parameter(ParameterSetName = PeriodSet)]
    [ValidateNotNullOrEmpty]
    [ValidateRange(1, 60)]
    public int[] Period { get; set; } = [30];

    /// <summary>Measures over the periods that an estimate of the migration needs, nearly two minutes in all.</summary>
    [Parameter(Mandatory = true, ParameterSetName = CurveSet)]
    public SwitchParameter Curve { get; set; }

    /// <summary>
    /// How QEMU measures. DirtyBitmap and DirtyRing are exact and slow the guest's writes while they measure; they need KVM, and DirtyRing
    /// a VM with KVM's dirty ring.
    /// </summary>
    [Parameter]
    public DirtyRateMode Mode { get; set; } = DirtyRateMode.PageSampling;

    /// <summary>Measures again and again until it is stopped, with one object a round for each VM. A VM that can't be measured is left out from then on.</summary>
    [Parameter]
    public SwitchParameter Watch { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => _selectors.AddRange(Vm.Select(selector => (selector, VmHost)));

    /// <inheritdoc/>
    protected override void EndProcessing() => Run(async (queue, cancellationToken) =>
    {
        var vms = await FindAsync(queue, cancellationToken).ConfigureAwait(false);
        do
        {
            vms = await MeasureAsync(vms, queue, cancellationToken).ConfigureAwait(false);
        }
        while (Watch && vms.Count > 0);
    });

    private async Task<IReadOnlyList<ResolvedVm>> FindAsync(PipelineQueue queue, CancellationToken cancellationToken)
    {
        var resolver = new VmResolver(Connections);
        var vms = new List<ResolvedVm>();
        foreach (var (selector, host) in _selectors)
        {
            try
            {
                vms.AddRange(await resolver.ResolveAsync(selector, host, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (ErrorRecordFactory.Knows(e))
            {
                queue.WriteError(ErrorRecordFactory.CreateFor(e, selector));
            }
        }

        // A VM that is named twice is measured once.
        return [.. vms.DistinctBy(vm => (vm.Vm.Uuid, vm.Host))];
    }

    // One round; those that could be measured come back.
    private async Task<IReadOnlyList<ResolvedVm>> MeasureAsync(
        IReadOnlyList<ResolvedVm> vms, PipelineQueue queue, CancellationToken cancellationToken)
    {
        var periods = Curve ? DirtyRateMeasurement.CurvePeriods : Period;
        using var progress = new DirtyRateProgressWriter([.. vms.Select(vm => vm.Vm.Name)], periods, queue.WriteProgress);
        Task<VmDirtyRate?>[] work =
        [
            .. vms.Select((vm, i) => OrderedWork.TellErrorAsync(MeasureAsync(vm, periods, progress.Of(i), cancellationToken), vm.Vm, queue)),
        ];
        await OrderedWork.WriteAsync(work, queue).ConfigureAwait(false);
        return [.. vms.Where((_, i) => work[i].Result is not null)];
    }

    private async Task<VmDirtyRate> MeasureAsync(
        ResolvedVm vm, IReadOnlyList<int> periods, DirtyRateProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            var host = await vm.Host.GetAsync(cancellationToken).ConfigureAwait(false);
            return await DirtyRateMeasurement.MeasureAsync(host, vm.Vm, periods, Mode, progress, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            progress.End();
        }
    }
}
