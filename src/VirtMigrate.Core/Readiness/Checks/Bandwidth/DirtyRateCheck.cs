using System.Globalization;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// Memory goes over clearly faster than the guest changes it. A guest that in some period changes more distinct memory than can be sent in
/// it stays ahead for good, unless it is slowed down, stopped, or finished in post-copy.
/// </summary>
internal sealed class DirtyRateCheck : ReadinessCheck
{
    private const double ClearlyBelow = 0.5;

    private static readonly TimeSpan Recent = TimeSpan.FromHours(1);

    public override ReadinessCategory Category => ReadinessCategory.Bandwidth;
    public override string Subject =>
        "Memory is sent clearly faster than the guest changes it: the last measured dirty rate, or one measured now (-MeasureDirtyRate), " +
        "compared with -Bandwidth and the links.";
    public override bool IsQuick => false;
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.Vm.Vm.Status.IsExecuting)
        {
            return NotApplicable($"The guest is not running, and changes no memory.");
        }

        var reading = await ReadAsync(context).ConfigureAwait(false);
        var link = await MigrationLink.OfAsync(context, cancellationToken).ConfigureAwait(false);
        long? limit = context.Options.Number(MigrationOptions.Bandwidth);
        var rate = limit is { } given && given < (link.BytesPerSecond ?? long.MaxValue) ? given : link.BytesPerSecond;
        var finding = Judge(context, reading, rate);
        finding = reading is null ? finding : finding.Seen(context.SourceName, "dirty rate",
            $"{Units.ByteRate(reading.BytesPerSecond)} over {reading.Period.TotalSeconds:0} s, measured " +
            (reading.Start?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "at an unknown time"));
        finding = limit is { } bytes ? finding.Seen("this computer", "-Bandwidth", Units.ByteRate(bytes)) : finding;
        return link.Evidence.Aggregate(finding, (f, e) => f.Seen(e.Host, e.What, e.Value));
    }

    private static async Task<DirtyRateReading?> ReadAsync(CheckContext context) =>
        context.Selection is { DirtyRatePeriod: { } period, QuickOnly: false }
            ? await context.Vm.MeasureDirtyRateAsync(period).ConfigureAwait(false)
            : (await context.Vm.InspectAsync().ConfigureAwait(false)).DirtyRate;

    private static Finding Judge(CheckContext context, DirtyRateReading? reading, long? rate)
    {
        if (reading is null)
        {
            return NotVerified(
                $"The guest's dirty rate has not been measured.",
                advice: $"Measure it: Test-VmMigrationReadiness {context.VmName} -VmHost {context.SourceUri} -Destination " +
                    $"{context.DestinationUri} -MeasureDirtyRate");
        }

        var changed = Units.ByteRate(reading.BytesPerSecond);
        if (rate is not { } bandwidth)
        {
            return NotVerified(
                $"The guest changes {changed} of its memory. How much can be sent is unknown: the hosts don't report the speed of " +
                    $"their links.",
                advice: $"Give the bandwidth in bytes per second: -Bandwidth 1GB");
        }

        var sent = Units.ByteRate(bandwidth);
        return reading.BytesPerSecond <= ClearlyBelow * bandwidth
            ? Passed(
                $"The guest changes {changed} of its memory, clearly less than the {sent} " +
                    $"that can be sent.")
            : reading.BytesPerSecond < bandwidth
                ? Warning(
                    $"The guest changes {changed} of its memory, not much less than the " +
                        $"{sent} that can be sent: the migration takes long or never ends.",
                    advice: $"Let QEMU slow the guest down if necessary (-AutoConverge), or finish in post-copy (-PostCopy with a policy or " +
                        $"-OnTimeout PostCopy).")
            : CanEnd(context, reading, bandwidth)
                ? Warning(
                    $"The guest changes {changed} of its memory, no less than the {sent} " +
                        $"that can be sent. The migration may still end, because of its options or policy, or because the guest is calmer now.",
                    advice: $"Measure it again: -MeasureDirtyRate. Check that the migration may slow the guest down, suspend it or switch to " +
                        $"post-copy: -AutoConverge, -Timeout with -OnTimeout, -Policy.")
            : Failed(
                $"The guest changes {changed} of its memory, no less than the {sent} that " +
                    $"can be sent: the migration never ends, and no option or policy ends it.",
                advice: $"Add one that ends it: -AutoConverge, -PostCopy -Timeout <seconds> -OnTimeout PostCopy, or -Policy. Or use more " +
                    $"bandwidth: a higher -Bandwidth, another network (-MigrateUri).");
    }

    // What a guest changes again while its memory is sent once is no less than what it changes in the measured period, if that is
    // shorter; then no round ever comes under the downtime limit, if that is shorter too.
    private static bool CanEnd(CheckContext context, DirtyRateReading reading, long bandwidth) =>
        context.Policy is not null
        || context.Options.Has(MigrationOptions.PostCopy) || context.Options.Has(MigrationOptions.AutoConverge)
        || context.Options.Has(MigrationOptions.Compression)
        || context.Options.Limits is { Timeout: not null, OnTimeout: not TimeoutAction.Abort }
        || context.Options.Limits.MaxDowntime >= reading.Period
        || (context.Vm.Vm.Memory / (double)bandwidth) < reading.Period.TotalSeconds
        || reading.Start is not { } start || DateTimeOffset.Now - start > Recent;
}
