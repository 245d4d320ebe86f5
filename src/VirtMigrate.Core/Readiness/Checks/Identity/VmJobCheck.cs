using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>A VM has one job at a time. Libvirt waits half a minute for another one's end, and then gives up.</summary>
public sealed class VmJobCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Identity;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var here = move.Vm.Vm;
        if (!here.Status.IsActive)
        {
            return NotApplicable("Offline");
        }

        // A half that is just arriving at the destination has its job at the source.
        var there = (await move.Destination.ListVmsAsync().ConfigureAwait(false)).FirstOrDefault(v => v.Uuid == here.Uuid && v.Status.IsActive);
        var source = await move.Vm.GetJobAsync().ConfigureAwait(false);
        JobReading? destination = there is null
            ? null
            : await move.Destination.AskAsync((nameof(VmJobCheck), here.Uuid), (h, ct) => h.GetJobAsync(here.Uuid, ct)).ConfigureAwait(false);
        var finding = Judge(source, here.VmHost.Name)
            ?? (destination is { } reading ? Judge(reading, move.DestinationName) : null)
            ?? Passed("None");
        finding = finding.Seen(here.VmHost.Name, "job", Describe(source));
        return destination is { } other ? finding.Seen(move.DestinationName, "job", Describe(other)) : finding;
    }

    private static ReadinessFinding? Judge(JobReading reading, string host) => reading switch
    {
        { Statistics.IsMigration: true } or { IsIncoming: true } => Failed("Migrating", host),
        { Statistics: { } job } => Failed("Busy", host, job.Operation),
        { IsHidden: true } => Warning("Locked", host),
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
