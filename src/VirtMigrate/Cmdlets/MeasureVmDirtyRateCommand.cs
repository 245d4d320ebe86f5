using System.Management.Automation;
using VirtMigrate.Estimation;
using VirtMigrate.Progress;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Measures how fast guests change their memory: over one period, or over several, from which the distinct memory that a guest changes
/// in any time follows. Several VMs are measured in parallel, the readings of one VM one after the other.
/// <para>
/// Follows <c>virsh domdirtyrate-calc</c> with <c>virsh domstats --dirtyrate</c> (virDomainStartDirtyRateCalc). Ctrl+C ends the wait;
/// QEMU's measurement ends by itself.
/// </para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Measure, "VmDirtyRate", DefaultParameterSetName = PeriodSet)]
[OutputType(typeof(VmDirtyRate))]
public sealed class MeasureVmDirtyRateCommand : VmCmdlet
{
    private const string PeriodSet = "Period";
    private const string CurveSet = "Curve";

    private readonly List<(VmSelector Selector, string? Host)> _selectors = [];

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

    /// <summary>Measures repeatedly until it is stopped, and emits one object for each VM each time. A VM that can't be measured is left out from then on.</summary>
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
            vms.AddRange(await queue.TryAsync(resolver.ResolveAsync(selector, host, cancellationToken), selector.Target).ConfigureAwait(false) ?? []);
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
            .. vms.Select((vm, i) => queue.TryAsync(MeasureAsync(vm, periods, progress.Of(i), cancellationToken), vm.Vm)),
        ];
        await queue.WriteInOrderAsync(work).ConfigureAwait(false);
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
