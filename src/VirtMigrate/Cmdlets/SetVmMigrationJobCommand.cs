using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Formatting;
using VirtMigrate.Jobs;
using VirtMigrate.Migration;

namespace VirtMigrate.Cmdlets;

/// <summary>
/// Changes migrations while they run, whoever started them.
/// <para>
/// Follows <c>virsh migrate-setmaxdowntime</c>, <c>migrate-setspeed</c>, <c>migrate-compcache</c> and <c>suspend</c>
/// (virDomainMigrateSetMaxDowntime, virDomainMigrateSetMaxSpeed, virDomainMigrateSetCompressionCache, virDomainSuspend).
/// </para>
/// </summary>
[Cmdlet(VerbsCommon.Set, "VmMigrationJob", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(VmMigrationJobInfo))]
public sealed class SetVmMigrationJobCommand : MigrationJobCmdlet
{
    private const long MiB = 1024 * 1024;

    private MigrationJobChange _change = new();

    /// <summary>The longest downtime of the guest in milliseconds, up to 2,000,000.</summary>
    [Parameter]
    [Alias("MaxDowntimeMs")]
    [ValidateRange(1, 2_000_000)]
    public long? MaxDowntime { get; set; }

    /// <summary>The highest rate in bytes per second, such as 100MB, at least 1MB; libvirt counts in whole MiB/s.</summary>
    [Parameter]
    [ValidateRange(MiB, long.MaxValue)]
    public long? Bandwidth { get; set; }

    /// <summary>The highest rate in post-copy in bytes per second, at least 1MB; libvirt counts in whole MiB/s.</summary>
    [Parameter]
    [ValidateRange(MiB, long.MaxValue)]
    public long? PostCopyBandwidth { get; set; }

    /// <summary>The size of XBZRLE's page cache in bytes, such as 128MB; QEMU rounds it to a power of two.</summary>
    [Parameter]
    [ValidateRange(4096, long.MaxValue)]
    public long? CompressionXbzrleCache { get; set; }

    /// <summary>
    /// Suspends the guest, so that it dirties no more memory and the migration can end. It runs again on the destination, or on the source
    /// if the migration is aborted. A guest in post-copy is left as it is.
    /// </summary>
    [Parameter]
    public SwitchParameter SuspendGuest { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _change = new()
        {
            MaxDowntime = MaxDowntime is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
            Bandwidth = Bandwidth,
            PostCopyBandwidth = PostCopyBandwidth,
            CompressionCache = CompressionXbzrleCache,
            SuspendGuest = SuspendGuest,
        };
        if (_change.IsEmpty)
        {
            ThrowTerminatingError(ErrorRecordFactory.NothingToSet());
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var job in FindJobs(Vm).Where(j => ShouldProcess($"Migration of VM '{j.Vm}' from '{j.Source?.Name}'", Describe())))
        {
            Run((queue, cancellationToken) => queue.WriteAsync(Controller.SetAsync(job, _change, cancellationToken), job));
        }
    }

    private string Describe()
    {
        string?[] limits =
        [
            MaxDowntime is { } downtime ? FormattableString.Invariant($"the downtime limit to {downtime} ms") : null,
            Bandwidth is { } rate ? $"the bandwidth limit to {HumanFormat.Rate(rate)}" : null,
            PostCopyBandwidth is { } postCopyRate ? $"the bandwidth limit in post-copy to {HumanFormat.Rate(postCopyRate)}" : null,
            CompressionXbzrleCache is { } cache ? $"the XBZRLE cache to {HumanFormat.Size(cache)}" : null,
        ];
        var set = string.Join(", ", limits.OfType<string>());
        return set.Length == 0 ? "Suspend the guest until it has moved"
            : SuspendGuest ? $"Set {set}, and suspend the guest until it has moved"
            : $"Set {set}";
    }
}
