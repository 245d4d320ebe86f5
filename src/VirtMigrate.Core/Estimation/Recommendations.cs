using System.Globalization;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>
/// Finds the options that make the best of a migration: of those with which it surely ends, the ones that cost the guest least.
/// </summary>
/// <param name="scene">The migration and what is known of it.</param>
internal sealed class Recommendations(EstimateScene scene)
{
    // What a guest is asked to bear before something else is tried: a second's standstill, and most of its processor time.
    private const double BearableDowntime = 1;
    private const double LongDowntime = 10;
    private const int BearableThrottle = 70;
    private const int DowntimeStep = 100;
    private const int ThrottleStep = 10;

    /// <summary>Finds them.</summary>
    /// <returns>The recommendation: the first that surely ends, from the mildest on.</returns>
    public MigrationRecommendation Find()
    {
        var wider = Widen(scene);
        foreach (var candidate in Candidates(wider))
        {
            if (scene.Allows(candidate.Options) && candidate.Forecasts.IsSure(candidate.Migration))
            {
                return Describe(candidate);
            }
        }

        return Describe(wider);
    }

    // More connections cost the guest nothing.
    private static EstimateScene Widen(EstimateScene scene)
    {
        var wider = scene.WithOption(MigrationOptions.Parallel, (long)scene.Connections);
        return scene.Connections > 1 && !scene.Options.IsDecided(MigrationOptions.Parallel) && wider.Bandwidth > scene.Bandwidth && scene.Allows(wider.Options)
            ? wider
            : scene;
    }

    private IEnumerable<EstimateScene> Candidates(EstimateScene wider)
    {
        yield return wider;
        var plain = wider.Plain;
        var downtime = scene.Limits.MaxDowntime is null ? wider.Forecasts.MinimumMaxDowntime(plain) : null;
        if (downtime?.TotalSeconds <= BearableDowntime)
        {
            yield return wider.WithMaxDowntime(RoundUp(downtime.Value));
        }

        var throttle = scene.Options.IsDecided(MigrationOptions.AutoConverge) ? null : wider.Forecasts.MinimumThrottle(plain);
        if (throttle <= BearableThrottle)
        {
            yield return Throttled(wider, throttle.Value);
        }

        if (scene.CanPostCopy && !scene.Options.IsDecided(MigrationOptions.PostCopy))
        {
            // QEMU before 10.1 has no post-copy over several connections.
            yield return PostCopied(wider);
            yield return PostCopied(scene);
        }

        if (throttle is { } most)
        {
            yield return Throttled(wider, most);
        }

        if (downtime?.TotalSeconds <= LongDowntime)
        {
            yield return wider.WithMaxDowntime(RoundUp(downtime.Value));
        }

        if (scene.Limits.Timeout is null)
        {
            yield return wider.WithTimeout(TwoPasses(wider), TimeoutAction.Suspend);
        }
    }

    private static EstimateScene PostCopied(EstimateScene from) =>
        from.WithOption(MigrationOptions.PostCopy, true).WithOption(MigrationOptions.PostCopyAfterPrecopy, true);

    private static EstimateScene Throttled(EstimateScene from, int percent)
    {
        var on = from.WithOption(MigrationOptions.AutoConverge, true);
        var initial = (long)Math.Min(99, Math.Ceiling((double)percent / ThrottleStep) * ThrottleStep);
        return initial > ThrottleStep * 2 ? on.WithOption(MigrationOptions.AutoConvergeInitial, initial) : on;
    }

    private static TimeSpan RoundUp(TimeSpan downtime) =>
        TimeSpan.FromMilliseconds(Math.Ceiling(downtime.TotalMilliseconds / DowntimeStep) * DowntimeStep);

    private static TimeSpan TwoPasses(EstimateScene from) =>
        TimeSpan.FromSeconds(Math.Ceiling((2 * from.Plain.Memory / from.Plain.Bandwidth) + 1));

    private MigrationRecommendation Describe(EstimateScene chosen)
    {
        var given = MigrationOptionValues.Of(scene.Options);
        var all = MigrationOptionValues.Of(chosen.Options);
        var added = all.Keys.Cast<string>().Where(k => !given.Contains(k)).Select(k => all[k] is true ? $"-{k}" : string.Create(CultureInfo.InvariantCulture, $"-{k} {all[k]}"));
        return new()
        {
            Options = all,
            Added = string.Join(' ', added),
            Reason = Reason(chosen),
            Forecast = chosen.Forecasts.Of(chosen.Migration),
        };
    }

    private string Reason(EstimateScene chosen) =>
        ReferenceEquals(chosen, scene) && scene.Forecasts.IsSure(scene.Migration) ? "it ends as it is"
        : ReferenceEquals(chosen, scene) ? "nothing that can be added makes it end surely"
        : chosen.Options.Has(MigrationOptions.PostCopy) && !scene.Options.Has(MigrationOptions.PostCopy) ? "the guest changes memory as fast as it moves; in post-copy each page moves once"
        : chosen.Options.Has(MigrationOptions.AutoConverge) && !scene.Options.Has(MigrationOptions.AutoConverge) ? "the guest has to be slowed down until its memory can be moved"
        : chosen.Limits.Timeout != scene.Limits.Timeout ? "nothing milder ends it: the guest is stopped until its memory has moved"
        : chosen.Limits.MaxDowntime != scene.Limits.MaxDowntime ? "what is left in the end takes longer than the allowed standstill"
        : "one connection does not fill the link";
}
