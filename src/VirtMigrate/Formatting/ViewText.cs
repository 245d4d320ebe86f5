using System.Collections;
using System.Globalization;
using VirtMigrate.Options;

namespace VirtMigrate.Formatting;

/// <summary>Puts what is more than a number into few words, for the format files.</summary>
public static class ViewText
{
    private const string Endless = "no end";

    /// <summary>Every reading of a dirty rate in a line.</summary>
    /// <param name="rate">The dirty rate.</param>
    /// <returns>The lines.</returns>
    public static string Readings(VmDirtyRate rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return string.Join('\n', rate.Readings.Select(Reading));
    }

    /// <summary>Every point of a dirty rate's curve in a line.</summary>
    /// <param name="rate">The dirty rate.</param>
    /// <returns>The lines.</returns>
    public static string Curve(VmDirtyRate rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return string.Join('\n', rate.Curve.Points.Select(p => $"{HumanFormat.Seconds(p.Period)}: {HumanFormat.Size(p.Bytes)}"));
    }

    /// <summary>A duration with its range: <c>12.5 s (11.0 s to 16.1 s)</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    /// <returns>The text.</returns>
    public static string Duration(MigrationForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        return forecast.Verdict == MigrationConvergence.WillNotConverge
            ? Endless
            : $"{Or(HumanFormat.Duration(forecast.Duration))} ({HumanFormat.Duration(forecast.ShortestDuration)} to {Or(HumanFormat.Duration(forecast.LongestDuration))})";

        static string Or(string text) => text.Length > 0 ? text : Endless;
    }

    /// <summary>What crosses, and at most: <c>1.3 GiB (at most 1.6 GiB)</c>.</summary>
    /// <param name="forecast">The forecast.</param>
    /// <returns>The text; empty where it would not end.</returns>
    public static string Transferred(MigrationForecast forecast)
    {
        ArgumentNullException.ThrowIfNull(forecast);
        return (HumanFormat.Size(forecast.Transferred), HumanFormat.Size(forecast.MostTransferred)) switch
        {
            ({ Length: > 0 } likely, { Length: > 0 } most) => $"{likely} (at most {most})",
            var (likely, _) => likely,
        };
    }

    /// <summary>A bandwidth and where it is known from: <c>110 MiB/s, achieved by 3 migrations from kvm1 to kvm2</c>.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <returns>The text.</returns>
    public static string Bandwidth(VmMigrationEstimate estimate)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        return HumanFormat.Rate(estimate.Bandwidth) + estimate.BandwidthSource switch
        {
            BandwidthSource.Achieved => $", achieved by {estimate.BandwidthEvidence}",
            BandwidthSource.LinkSpeed => $", the speed of the link ({estimate.BandwidthEvidence})",
            _ => ", given",
        };
    }

    /// <summary>What is recommended, why, and how it goes then.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <returns>One line each.</returns>
    public static string Recommendation(VmMigrationEstimate estimate)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        var recommended = estimate.Recommendation;
        return recommended.Added.Length == 0
            ? $"{recommended}: {recommended.Reason}"
            : $"{recommended}\n{recommended.Reason}\nthen {recommended.Forecast.Verdict}, {Duration(recommended.Forecast)}, downtime {HumanFormat.Duration(recommended.Forecast.Downtime)}";
    }

    /// <summary>The throttle that auto-converge needs, in percent: <c>60 %</c>.</summary>
    /// <param name="estimate">The estimate.</param>
    /// <returns>The text.</returns>
    public static string Throttle(VmMigrationEstimate estimate)
    {
        ArgumentNullException.ThrowIfNull(estimate);
        return estimate.AutoConvergeThrottle is { } percent ? FormattableString.Invariant($"{percent} %") : "99 % is not enough";
    }

    /// <summary>The downtimes that a policy allows: <c>100 to 500 ms</c>.</summary>
    /// <param name="policy">The policy.</param>
    /// <returns>The text; empty where it sets none.</returns>
    public static string Downtimes(MigrationPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var limits = policy.Steps.Select(s => s.MaxDowntime).Append(policy.InitialMaxDowntime).Append(policy.StallDetection?.MaxDowntime)
            .OfType<TimeSpan>().Select(t => t.TotalMilliseconds).ToArray();
        return limits.Length == 0 ? string.Empty
            : limits.Min() == limits.Max() ? string.Create(CultureInfo.InvariantCulture, $"{limits[0]:0} ms")
            : string.Create(CultureInfo.InvariantCulture, $"{limits.Min():0} to {limits.Max():0} ms");
    }

    /// <summary>The options that are switched on, as they would be given: <c>-AutoConverge -Compression xbzrle</c>.</summary>
    /// <param name="options">The names and values.</param>
    /// <returns>The text.</returns>
    public static string Options(IDictionary options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return string.Join(' ', options.Cast<DictionaryEntry>().Select(o => o.Value is true
            ? $"-{o.Key}"
            : $"-{o.Key} {string.Join(',', MigrationOption.ToTexts(o.Value!))}"));
    }

    /// <summary>A stall detection in one line.</summary>
    /// <param name="stall">The stall detection.</param>
    /// <returns>The text.</returns>
    public static string StallDetection(MigrationStallDetection stall)
    {
        ArgumentNullException.ThrowIfNull(stall);
        var ways = new[] { (stall.AllowPostCopy, "post-copy"), (stall.AllowSuspend, "suspend"), (true, "abort") }.Where(w => w.Item1).Select(w => w.Item2);
        return string.Create(CultureInfo.InvariantCulture,
            $"no new minimum for {stall.Window.TotalSeconds:0.#} s: up to {stall.MaxDowntime.TotalMilliseconds:0} ms (× {stall.DowntimeFactor:0.##}), else {string.Join(", ", ways)}");
    }

    /// <summary>How many decisions there were, and the last: <c>10; last: 22.7 s, iteration 9: Abort: …</c>.</summary>
    /// <param name="decisions">The decisions, at least one.</param>
    /// <returns>The text.</returns>
    public static string Decisions(IReadOnlyList<MigrationDecision> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        return string.Create(CultureInfo.InvariantCulture, $"{decisions.Count}; last: {decisions[^1]}");
    }

    /// <summary>What deserves attention in a readiness report, in short: what stands in the way with its message, the others by their ids.</summary>
    /// <param name="readiness">The report.</param>
    /// <returns>One line for each kind.</returns>
    public static string Findings(VmMigrationReadiness readiness)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        var obstacles = readiness.Obstacles;
        return string.Join('\n', obstacles.Select(c => $"{c.Id}: {c.Message}")
            .Append(Ids("warnings", readiness.Checks.Where(c => c.Status == ReadinessStatus.Warning)))
            .Append(Ids("not verified", readiness.Checks.Where(c => c.Status == ReadinessStatus.NotVerified).Except(obstacles)))
            .Append(readiness.Skipped.Count > 0 ? $"skipped: {string.Join(", ", readiness.Skipped)}" : string.Empty)
            .Where(line => line.Length > 0));
    }

    /// <summary>Every check in a paragraph of its own, with what was read and what to do; those without a finding in one line each.</summary>
    /// <param name="readiness">The report.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The paragraphs.</returns>
    public static string Checks(VmMigrationReadiness readiness, object? style)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        return string.Join('\n', readiness.Checks.SelectMany(c => Lines(c, style)));
    }

    private static string Reading(DirtyRateReading reading)
    {
        var start = reading.Start is { } time
            ? time.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)
            : "from a measurement that was already running";
        var vcpus = string.Concat(reading.Vcpus.Select(v => string.Create(CultureInfo.InvariantCulture, $", vCPU {v.Vcpu}: {HumanFormat.Rate(v.BytesPerSecond)}")));
        return $"{HumanFormat.Seconds(reading.Period)}: {HumanFormat.Rate(reading.BytesPerSecond)}, {HumanFormat.Size(reading.DistinctBytes)} distinct ({start}){vcpus}";
    }

    private static IEnumerable<string> Lines(VmMigrationCheck check, object? style)
    {
        yield return $"{check.Id} ({check.Category}): {StateStyle.Show(check.Status, style)}. {check.Message}";
        if (check.Status is ReadinessStatus.Passed or ReadinessStatus.NotApplicable)
        {
            yield break;
        }

        foreach (var evidence in check.Evidence)
        {
            yield return $"  seen: {evidence}";
        }

        if (check.LibvirtError is { } error)
        {
            yield return $"  libvirt would say: {error}";
        }

        if (check.Recommendation is { } recommendation)
        {
            yield return $"  to do: {recommendation}";
        }
    }

    private static string Ids(string label, IEnumerable<VmMigrationCheck> checks)
    {
        var ids = string.Join(", ", checks.Select(c => c.Id));
        return ids.Length > 0 ? $"{label}: {ids}" : string.Empty;
    }
}

/// <summary>
/// Writes numbers as people read them, for the format file. The objects themselves keep bytes, bytes per second and
/// TimeSpan in full precision.
/// </summary>
public static class HumanFormat
{
    /// <summary>A size, in steps of 1024: <c>512 MiB</c>, <c>1.5 GiB</c>.</summary>
    /// <param name="bytes">Bytes; null gives an empty text.</param>
    /// <returns>The text.</returns>
    public static string Size(long? bytes) => bytes is { } value ? Units.ShortSize(value) : string.Empty;

    /// <summary>A rate: <c>33.1 MiB/s</c>.</summary>
    /// <param name="bytesPerSecond">Bytes per second; null gives an empty text.</param>
    /// <returns>The text.</returns>
    public static string Rate(long? bytesPerSecond) => bytesPerSecond is { } value ? Units.ShortRate(value) : string.Empty;

    /// <summary>A time span: <c>85 ms</c>, <c>2.4 s</c>, <c>3m 05s</c>, <c>1h 02m</c>, <c>2d 03h</c>.</summary>
    /// <param name="duration">The time span; null gives an empty text.</param>
    /// <returns>The text.</returns>
    public static string Duration(TimeSpan? duration) => duration switch
    {
        null => string.Empty,
        { TotalMilliseconds: < 999.5 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 59.95 } d => string.Create(CultureInfo.InvariantCulture, $"{d.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.Minutes}m {d.Seconds:00}s"),
        { TotalDays: < 1 } d => string.Create(CultureInfo.InvariantCulture, $"{d.Hours}h {d.Minutes:00}m"),
        { } d => string.Create(CultureInfo.InvariantCulture, $"{d.Days}d {d.Hours:00}h"),
    };

    /// <summary>A period, which is whole seconds: <c>30 s</c>.</summary>
    /// <param name="period">The period.</param>
    /// <returns>The text.</returns>
    public static string Seconds(TimeSpan period) => string.Create(CultureInfo.InvariantCulture, $"{period.TotalSeconds:0.###} s");
}
