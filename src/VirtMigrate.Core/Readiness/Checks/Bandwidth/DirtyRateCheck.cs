using System.Globalization;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// Memory goes over clearly faster than the guest changes it. A guest that in some period changes more distinct memory than can be sent in
/// it stays ahead for good, unless it is slowed down, stopped, or finished in post-copy.
/// </summary>
public sealed class DirtyRateCheck : ReadinessCheck
{
    private const double ClearlyBelow = 0.5;

    private static readonly TimeSpan Recent = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Bandwidth;

    /// <inheritdoc/>
    public override bool IsQuick => false;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        if (!move.Vm.Vm.Status.IsExecuting)
        {
            return NotApplicable("StandsStill");
        }

        var reading = await ReadAsync(move).ConfigureAwait(false);
        var link = await MigrationLink.OfAsync(move, cancellationToken).ConfigureAwait(false);
        long? limit = move.Options.Number(MigrationOptions.Bandwidth);
        var rate = limit is { } given && given < (link.BytesPerSecond ?? long.MaxValue) ? given : link.BytesPerSecond;
        var finding = Judge(move, reading, rate);
        finding = reading is null ? finding : finding.Seen(move.Vm.Vm.VmHost.Name, "dirty rate",
            $"{Rates.Mebibytes(reading.BytesPerSecond)} over {reading.Period.TotalSeconds:0} s, measured {reading.Start?.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) ?? "at an unknown time"}");
        finding = limit is { } bytes ? finding.Seen("this computer", "-Bandwidth", Rates.Mebibytes(bytes)) : finding;
        return link.Evidence.Aggregate(finding, (f, e) => f.Seen(e.Host, e.What, e.Value));
    }

    private static async Task<DirtyRateReading?> ReadAsync(ReadinessMove move) =>
        move.Selection is { DirtyRatePeriod: { } period, QuickOnly: false }
            ? await move.Vm.MeasureDirtyRateAsync(period).ConfigureAwait(false)
            : (await move.Vm.InspectAsync().ConfigureAwait(false)).DirtyRate;

    private static ReadinessFinding Judge(ReadinessMove move, DirtyRateReading? reading, long? rate)
    {
        if (reading is null)
        {
            return NotVerified("Unmeasured");
        }

        if (rate is not { } bandwidth)
        {
            return NotVerified("NoBandwidth", Rates.Mebibytes(reading.BytesPerSecond));
        }

        object[] values = [Rates.Mebibytes(reading.BytesPerSecond), Rates.Mebibytes(bandwidth)];
        return reading.BytesPerSecond <= ClearlyBelow * bandwidth ? Passed("Below", values)
            : reading.BytesPerSecond < bandwidth ? Warning("Near", values)
            : CanEnd(move, reading, bandwidth) ? Warning("AboveButEnds", values)
            : Failed("Above", values);
    }

    // What a guest changes anew while its memory is sent once is no less than what it changes in the measured period, if that is
    // shorter; then no round ever comes under the downtime limit, if that is shorter too.
    private static bool CanEnd(ReadinessMove move, DirtyRateReading reading, long bandwidth) =>
        move.Policy is not null
        || move.Options.Has(MigrationOptions.PostCopy) || move.Options.Has(MigrationOptions.AutoConverge)
        || move.Options.Has(MigrationOptions.Compression)
        || move.Limits is { Timeout: not null, OnTimeout: not TimeoutAction.Abort }
        || move.Limits.MaxDowntime >= reading.Period
        || (move.Vm.Vm.Memory / (double)bandwidth) < reading.Period.TotalSeconds
        || reading.Start is not { } start || DateTimeOffset.Now - start > Recent;
}
