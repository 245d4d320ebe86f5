using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Libvirt moves no VM while one of its disks is copied, pulled, committed or backed up.</summary>
public sealed class BlockJobsCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Storage;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.IsLive)
        {
            return NotApplicable("Offline");
        }

        var host = move.Vm.Vm.VmHost.Name;
        return await move.Vm.GetBlockJobsAsync().ConfigureAwait(false) switch
        {
            null => NotVerified("Busy").Seen(host, "virDomainGetControlInfo", "another call holds the VM"),
            [] => Passed("None").Seen(host, "virDomainGetBlockJobInfo", "no jobs"),
            [var first, ..] jobs => Failed("Running", string.Join(", ", jobs.Select(j => $"{j.Operation} of {j.Target}")), first.Target)
                .Seen(host, "virDomainGetBlockJobInfo", string.Join(", ", jobs.Select(j => $"{j.Target}: {j.Operation}, {j.Position} of {j.End} bytes"))),
        };
    }
}
