using System.Globalization;
using VirtMigrate.Options;

namespace VirtMigrate.Estimation;

/// <summary>
/// Finds the options that make the best of a migration: of those with which it surely ends, the ones that cost the guest least.
/// </summary>
internal sealed class Recommendations(EstimateInput input)
{
    // What a guest is asked to bear before something else is tried: a second's downtime, and most of its processor time.
    private const double BearableDowntime = 1;
    private const double LongDowntime = 10;
    private const int BearableThrottle = 70;
    private const int DowntimeStep = 100;
    private const int ThrottleStep = 10;

    /// <summary>Finds them.</summary>
    public MigrationRecommendation Find()
    {
        var wider = Widen(input);
        foreach (var candidate in Candidates(wider))
        {
            if (input.Allows(candidate.Options) && candidate.Forecasts.IsSure(candidate.Migration))
            {
                return Describe(candidate);
            }
        }

        return Describe(wider);
    }

    // More connections cost the guest nothing.
    private static EstimateInput Widen(EstimateInput input)
    {
        var wider = input.WithOption(MigrationOptions.Parallel, (long)input.Connections);
        return input.Connections > 1 && !input.Options.IsDecided(MigrationOptions.Parallel) && wider.Bandwidth > input.Bandwidth && input.Allows(wider.Options)
            ? wider
            : input;
    }

    private IEnumerable<EstimateInput> Candidates(EstimateInput wider)
    {
        yield return wider;
        var plain = wider.Plain;
        var downtime = input.Limits.MaxDowntime is null ? wider.Forecasts.MinimumMaxDowntime(plain) : null;
        if (downtime?.TotalSeconds <= BearableDowntime)
        {
            yield return wider.WithMaxDowntime(RoundUp(downtime.Value));
        }

        var throttle = input.Options.IsDecided(MigrationOptions.AutoConverge) ? null : wider.Forecasts.MinimumThrottle(plain);
        if (throttle <= BearableThrottle)
        {
            yield return Throttled(wider, throttle.Value);
        }

        if (input.CanPostCopy && !input.Options.IsDecided(MigrationOptions.PostCopy))
        {
            // QEMU before 10.1 has no post-copy over several connections.
            yield return PostCopied(wider);
            yield return PostCopied(input);
        }

        if (throttle is { } most)
        {
            yield return Throttled(wider, most);
        }

        if (downtime?.TotalSeconds <= LongDowntime)
        {
            yield return wider.WithMaxDowntime(RoundUp(downtime.Value));
        }

        if (input.Limits.Timeout is null)
        {
            yield return wider.WithTimeout(TwoIterations(wider), TimeoutAction.Suspend);
        }
    }

    private static EstimateInput PostCopied(EstimateInput from) =>
        from.WithOption(MigrationOptions.PostCopy, true).WithOption(MigrationOptions.PostCopyAfterPrecopy, true);

    private static EstimateInput Throttled(EstimateInput from, int percent)
    {
        var on = from.WithOption(MigrationOptions.AutoConverge, true);
        var initial = (long)Math.Min(99, Math.Ceiling((double)percent / ThrottleStep) * ThrottleStep);
        return initial > ThrottleStep * 2 ? on.WithOption(MigrationOptions.AutoConvergeInitial, initial) : on;
    }

    private static TimeSpan RoundUp(TimeSpan downtime) =>
        TimeSpan.FromMilliseconds(Math.Ceiling(downtime.TotalMilliseconds / DowntimeStep) * DowntimeStep);

    private static TimeSpan TwoIterations(EstimateInput from) =>
        TimeSpan.FromSeconds(Math.Ceiling((2 * from.Plain.Memory / from.Plain.Bandwidth) + 1));

    private MigrationRecommendation Describe(EstimateInput chosen)
    {
        var given = input.Options.ToValues();
        var all = chosen.Options.ToValues();
        var added = all.Keys.Cast<string>().Where(k => !given.Contains(k)).Select(k => all[k] is true ? $"-{k}" : string.Create(CultureInfo.InvariantCulture, $"-{k} {all[k]}"));
        return new()
        {
            Options = all,
            Added = string.Join(' ', added),
            Reason = Reason(chosen),
            Forecast = chosen.Forecasts.Of(chosen.Migration),
        };
    }

    private string Reason(EstimateInput chosen) =>
        ReferenceEquals(chosen, input) && input.Forecasts.IsSure(input.Migration) ? "it converges as it is"
        : ReferenceEquals(chosen, input) ? "no option that can be added makes it converge for certain"
        : chosen.Options.Has(MigrationOptions.PostCopy) && !input.Options.Has(MigrationOptions.PostCopy) ? "the guest dirties memory as fast as it moves; in post-copy each page moves once"
        : chosen.Options.Has(MigrationOptions.AutoConverge) && !input.Options.Has(MigrationOptions.AutoConverge) ? "the guest has to be throttled until its memory can be moved"
        : chosen.Limits.Timeout != input.Limits.Timeout ? "nothing milder makes it converge: the guest is suspended until its memory has moved"
        : chosen.Limits.MaxDowntime != input.Limits.MaxDowntime ? "what remains in the end takes longer than the allowed downtime"
        : "one connection does not fill the link";
}
