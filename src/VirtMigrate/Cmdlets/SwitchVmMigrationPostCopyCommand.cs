using System.Management.Automation;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Switches migrations to post-copy, whoever started them, and returns when each guest runs on its destination: it then fetches
/// its remaining memory, and the migration ends however much the guest writes.
/// <para>
/// Follows <c>virsh migrate-postcopy</c> (virDomainMigrateStartPostCopy). Only a migration that was started with -PostCopy can be
/// switched. One that is in post-copy already is left as it is.
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Switch, "VmMigrationPostCopy", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class SwitchVmMigrationPostCopyCommand : MigrationJobCmdlet
{
    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var chosen = FindJobs(Selectors)
            .Where(j => ShouldProcess($"VM '{j.Vm}' on '{j.Source?.Name}'", "Switch the migration to post-copy")).ToList();
        Run((queue, cancellationToken) => Task.WhenAll(chosen.Select(job =>
            queue.WriteAsync(Controller.SwitchToPostCopyAsync(job, cancellationToken), job))));
    }
}
