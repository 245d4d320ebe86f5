using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Jobs;
using VirtMigrate.Model;
using VirtMigrate.Selection;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Changes the limits of migrations while they run.
/// <para>
/// Follows <c>virsh migrate-setmaxdowntime</c> and <c>migrate-setspeed</c> (virDomainMigrateSetMaxDowntime,
/// virDomainMigrateSetMaxSpeed).
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Set, "VmMigrationJob", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class SetVmMigrationJobCommand : MigrationJobCmdlet
{
    /// <summary>The longest standstill of the guest in milliseconds, up to 2,000,000.</summary>
    [Parameter]
    [Alias("MaxDowntimeMs")]
    [ValidateRange(1, 2_000_000)]
    public long? MaxDowntime { get; set; }

    /// <summary>The highest rate in bytes per second, such as 100MB, at least 1MB; libvirt counts in whole MiB/s.</summary>
    [Parameter]
    [ValidateRange(1024 * 1024, long.MaxValue)]
    public long? Bandwidth { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (MaxDowntime is null && Bandwidth is null)
        {
            ThrowTerminatingError(ErrorRecordFactory.NothingToSet());
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var hosts = VmHost is null ? null : FindConnections(VmHost);
        var jobs = FindJobs(hosts);
        foreach (var job in jobs.Where(j => ShouldProcess($"the migration of VM '{j.Vm}' from '{j.Source?.Name}'", Describe())))
        {
            Run((queue, cancellationToken) => SetAsync(job, queue, cancellationToken));
        }
    }

    private IReadOnlyList<VmMigrationJobInfo> FindJobs(IReadOnlyList<Hypervisor.HostConnection>? hosts)
    {
        IReadOnlyList<VmMigrationJobInfo> jobs = [];
        Run(async (queue, cancellationToken) =>
            jobs = await new MigrationJobFinder(Session, hosts, queue.WriteError).FindAsync(Vm, cancellationToken).ConfigureAwait(false));
        return jobs;
    }

    private string Describe() => string.Join(" and ", new[]
    {
        MaxDowntime is { } downtime ? $"Allow a standstill of {downtime} ms" : null,
        Bandwidth is { } rate ? $"Limit the rate to {Formatting.HumanFormat.Rate(rate)}" : null,
    }.OfType<string>());

    private async Task SetAsync(VmMigrationJobInfo job, PipelineQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            var downtime = MaxDowntime is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : (TimeSpan?)null;
            queue.WriteObject(await new MigrationJobControl(Session).SetAsync(job, downtime, Bandwidth, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            queue.WriteError(ErrorRecordFactory.Create(e, job));
        }
    }
}
