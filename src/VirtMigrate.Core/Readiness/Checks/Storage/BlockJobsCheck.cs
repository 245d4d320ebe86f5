using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Libvirt moves no VM while one of its disks is copied, pulled, committed or backed up.</summary>
internal sealed class BlockJobsCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Storage;
    public override string Subject => "No block job (copy, pull, commit or backup of a disk) is running.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return NotApplicable($"A VM that is shut off has no block jobs.");
        }

        var host = context.SourceName;
        return await context.Vm.GetBlockJobsAsync().ConfigureAwait(false) switch
        {
            null => NotVerified(
                $"Can't tell whether block jobs are running, because another call holds '{context.VmName}' at the moment.",
                advice: $"Try again, or check: virsh -c {context.SourceUri} domblklist {context.VmName}, and for each target virsh -c " +
                    $"{context.SourceUri} blockjob {context.VmName} TARGET").Seen(host, "virDomainGetControlInfo", "another call holds the VM"),
            [] => Passed($"No block job is running.").Seen(host, "virDomainGetBlockJobInfo", "no jobs"),
            [var first, ..] jobs => Failed(
                $"Libvirt does not migrate a VM with a block job, and this one has: {jobs.Select(j => $"{j.Operation} of {j.Target}")}.",
                advice: $"Wait until it has ended (virsh -c {context.SourceUri} blockjob {context.VmName} {first.Target}), or abort it: virsh -c " +
                    $"{context.SourceUri} blockjob {context.VmName} {first.Target} --abort",
                libvirt: $"domain has active block job")
                .Seen(host, "virDomainGetBlockJobInfo", string.Join(", ", jobs.Select(j => $"{j.Target}: {j.Operation}, {j.Position} of {j.End} bytes"))),
        };
    }
}
