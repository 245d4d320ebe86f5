using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A VM has one job at a time. Libvirt waits half a minute for another one's end, and then refuses.</summary>
internal sealed class VmJobCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Identity;
    public override string Subject => "No other job runs on the VM, on either host.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var here = context.Vm.Vm;
        if (!here.Status.IsActive)
        {
            return NotApplicable($"The VM is shut off; no job runs on it.");
        }

        // A half that is just arriving at the destination has its job at the source.
        var there = (await context.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == here.Uuid && v.Status.IsActive);
        var source = await context.Vm.GetJobAsync().ConfigureAwait(false);
        JobReading? destination = there is null
            ? null
            : await context.Destination.AskAsync((nameof(VmJobCheck), here.Uuid), (h, ct) => h.GetJobAsync(here.Uuid, ct)).ConfigureAwait(false);
        var finding = Judge(context, source, context.SourceName, context.SourceUri)
            ?? (destination is { } reading ? Judge(context, reading, context.DestinationName, context.DestinationUri) : null)
            ?? Passed($"No other job runs on the VM.");
        finding = finding.Seen(here.VmHost.Name, "job", Describe(source));
        return destination is { } other ? finding.Seen(context.DestinationName, "job", Describe(other)) : finding;
    }

    private static Finding? Judge(CheckContext context, JobReading reading, string host, CommandWord uri) => reading switch
    {
        { Statistics.IsMigration: true } or { IsIncoming: true } => Failed(
            $"According to '{host}', the VM is already migrating.",
            advice: $"To see it: Get-VmMigrationJob {context.VmName} -VmHost {context.SourceUri}. Wait for it (Wait-VmMigrationJob " +
                $"{context.VmName} -VmHost {context.SourceUri}) or abort it (Stop-VmMigration {context.VmName} -VmHost {context.SourceUri}).",
            libvirt: $"another migration job is already running for domain"),
        { Statistics: { } job } => Failed(
            $"The VM has another job on '{host}': {job.Operation}.",
            advice: $"Wait for it to end; to see it: virsh -c {uri} domjobinfo {context.VmName}; to abort it: virsh -c {uri} " +
                $"domjobabort {context.VmName}",
            libvirt: $"cannot acquire state change lock"),
        { IsHidden: true } => Warning(
            $"Another call holds the VM's job lock on '{host}'. Libvirt waits 30 s for it, then refuses to migrate.",
            advice: $"Try again when this says ok: virsh -c {uri} domcontrol {context.VmName}",
            libvirt: $"cannot acquire state change lock"),
        _ => null,
    };

    private static string Describe(JobReading reading) => reading switch
    {
        { Statistics: { } job } => job.Operation.ToString(),
        { IsIncoming: true } => "arriving",
        { IsHidden: true } => "the VM's lock is held",
        _ => "none",
    };
}
