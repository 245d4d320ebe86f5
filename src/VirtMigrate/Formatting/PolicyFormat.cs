using System.Collections;
using System.Globalization;
using VirtMigrate.Options;

namespace VirtMigrate.Formatting;

/// <summary>Writes policies and what they did as people read them, for the format file.</summary>
public static class PolicyFormat
{
    /// <summary>The standstills that a policy allows: <c>100 to 500 ms</c>.</summary>
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

    /// <summary>The steps in one line: <c>more than 1 iteration: 150 ms; …</c>.</summary>
    /// <param name="policy">The policy.</param>
    /// <returns>The text.</returns>
    public static string Steps(MigrationPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return string.Join("; ", policy.Steps);
    }

    /// <summary>The stall detection in one line.</summary>
    /// <param name="stall">The stall detection.</param>
    /// <returns>The text.</returns>
    public static string Stall(MigrationStallDetection stall)
    {
        ArgumentNullException.ThrowIfNull(stall);
        var ways = new[] { (stall.AllowPostCopy, "post-copy"), (stall.AllowSuspend, "suspend"), (true, "abort") }.Where(w => w.Item1).Select(w => w.Item2);
        return string.Create(CultureInfo.InvariantCulture,
            $"no new minimum for {stall.Window.TotalSeconds:0.#} s: up to {stall.MaxDowntime.TotalMilliseconds:0} ms (× {stall.DowntimeFactor:0.##}), else {string.Join(", ", ways)}");
    }

    /// <summary>How many decisions there were, and the last: <c>10, at last 22.7 s, iteration 9: Abort: …</c>.</summary>
    /// <param name="decisions">The decisions, at least one.</param>
    /// <returns>The text.</returns>
    public static string Decisions(IReadOnlyList<MigrationDecision> decisions)
    {
        ArgumentNullException.ThrowIfNull(decisions);
        return string.Create(CultureInfo.InvariantCulture, $"{decisions.Count}, at last {decisions[^1]}");
    }

    /// <summary>The phases in one line: <c>Preparing 0.4 s, Copying 8.2 s</c>.</summary>
    /// <param name="phases">The phases.</param>
    /// <returns>The text.</returns>
    public static string Phases(IEnumerable<MigrationPhaseSpan> phases) => string.Join(", ", phases);
}
