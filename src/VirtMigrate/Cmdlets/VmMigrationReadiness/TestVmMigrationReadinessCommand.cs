using System.Management.Automation;
using VirtMigrate.Completion;
using VirtMigrate.Errors;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Looks for every known reason for which a migration would fail, before anything moves: says what was looked at, what was found, and
/// how to mend it. Takes the options of Start-VmMigration, since what stands in the way depends on them.
/// <para>Has no counterpart in virsh. Changes nothing on the hosts.</para>
/// </summary>
[Cmdlet(VerbsDiagnostic.Test, "VmMigrationReadiness")]
[OutputType(typeof(VmMigrationReadiness), typeof(bool))]
public sealed class TestVmMigrationReadinessCommand : MigrationOptionCmdlet
{
    private readonly List<MigrationRequest> _requests = [];
    private ReadinessRequestBuilder _builder = null!;

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

    /// <summary>
    /// The hosts that the VMs could go to; each VM is checked against each of them. When left out: VIRTMIGRATE_DESTINATION, else all other
    /// connected hosts.
    /// </summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [VmHostTransformation]
    [ArgumentCompleter(typeof(HostAddressCompleter))]
    public string[] Destination { get; set; } = [];

    /// <summary>The categories of checks to make; all when left out.</summary>
    [Parameter]
    public ReadinessCategory[] Category { get; set; } = [];

    /// <summary>The ids of checks to leave out.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ReadinessCheckCompleter))]
    public string[] Skip { get; set; } = [];

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
        WarnOfUnknownChecks(Skip);
        _builder = new(Connections, ReadSettings());
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
            Run(CheckAsync);
        }
    }

    private async Task BuildAsync(VmSelector selector, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            _requests.AddRange(await _builder.BuildAsync(selector, VmHost, Destination, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.CreateFor(e, selector));
        }
    }

    // A batch is checked as one, since its VMs share what is free at a destination.
    private async Task CheckAsync(PipelineQueue queue, CancellationToken cancellationToken)
    {
        var selection = new ReadinessSelection
        {
            Categories = Category,
            Skip = Skip,
            IsStrict = Strict,
            DirtyRatePeriod = MeasureDirtyRate ? TimeSpan.FromSeconds(10) : null,
        };
        var reports = await new ReadinessRun(selection, new HostCache(Connections), cancellationToken).StartAsync(_requests).ConfigureAwait(false);
        await OrderedWork.WriteAsync(reports, report =>
        {
            foreach (var broken in report.Checks.Where(c => c.Defect is not null))
            {
                queue.WriteWarning(broken.ToString());
            }

            queue.WriteObject(Quiet ? report.IsReady : report);
        }).ConfigureAwait(false);
    }
}
