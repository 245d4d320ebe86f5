using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Checks for every known reason for which a migration would fail, before anything moves: says what was checked, what was found, and
/// how to fix it. Takes the options of Start-VmMigration, since what stands in the way depends on them.
/// <para>Has no counterpart in virsh. Changes nothing on the hosts.</para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "VmMigrationReadiness")]
[OutputType(typeof(VmMigrationReadiness), typeof(bool))]
public sealed class TestVmMigrationReadinessCommand : MigrationCandidateCmdlet
{
    /// <summary>The categories of checks to make; all when left out.</summary>
    [Parameter]
    public ReadinessCategory[] Category { get; set; } = [];

    /// <summary>The ids of checks to leave out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReadinessCheckCompleter))]
    public string[] SkipCheck { get; set; } = [];

    /// <summary>What could not be verified counts as an obstacle.</summary>
    [Parameter]
    public SwitchParameter Strict { get; set; }

    /// <summary>
    /// Measures how fast each running VM changes its memory now, for 10 seconds, instead of going by the last measured rate
    /// (<c>virsh domdirtyrate-calc</c>).
    /// </summary>
    [Parameter]
    public SwitchParameter MeasureDirtyRate { get; set; }

    /// <summary>Returns only whether each VM is ready.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        WarnOfUnknownChecks(SkipCheck);
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Migrations.Count > 0)
        {
            Run(CheckAsync);
        }
    }

    // A batch is checked as one, since its VMs share what is free at a destination.
    private async Task CheckAsync(PipelineQueue queue, CancellationToken cancellationToken)
    {
        var selection = new ReadinessSelection
        {
            Categories = Category,
            Skip = SkipCheck,
            IsStrict = Strict,
            DirtyRatePeriod = MeasureDirtyRate ? TimeSpan.FromSeconds(10) : null,
        };
        var reports = await new ReadinessRun(selection, new HostCache(Connections), cancellationToken)
            .StartAsync([.. Migrations.Select(m => m.Request)]).ConfigureAwait(false);
        await PipelineQueue.InOrderAsync(reports, report =>
        {
            foreach (var broken in report.Checks.Where(c => c.Defect is not null))
            {
                queue.WriteWarning(broken.ToString());
            }

            queue.WriteObject(Quiet ? report.IsReady : report);
        }).ConfigureAwait(false);
    }
}
