using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>
/// Thinks a pre-copy migration through, pass by pass: all memory is sent, then what the guest changed meanwhile, and so on, until what is
/// left fits into the allowed standstill. A pure function.
/// </summary>
/// <remarks>
/// With W(t), the distinct memory that the guest changes within a time t, and B, the rate: s = V / B is the time of a pass, W(s) is what
/// the next one has to send. W never falls and is concave, so that the passes get shorter until they are short enough, or stop getting
/// shorter, and then it takes something else to end them.
/// </remarks>
public static class PrecopyModel
{
    private const double PageBytes = 4096;

    // What QEMU sends with each page: its address and flags (ram_save_page_header).
    private const double HeaderBytes = 8;

    // A pass that is shorter than the one before by less than this share does not get anywhere in a reasonable time.
    private const double LeastGain = 1e-3;
    private const int MostPasses = 10_000;

    /// <summary>Thinks a migration through.</summary>
    /// <param name="migration">The migration.</param>
    /// <param name="dirtied">The distinct memory in bytes that the guest, left alone, changes within a time in seconds.</param>
    /// <returns>How it goes.</returns>
    public static PrecopyResult Run(PrecopyCase migration, Func<double, double> dirtied)
    {
        ArgumentNullException.ThrowIfNull(migration);
        ArgumentNullException.ThrowIfNull(dirtied);
        var throttling = new AutoConvergeCourse(migration.AutoConvergeInitial, migration.AutoConvergeIncrement);
        var (bandwidth, limit, step) = (migration.Bandwidth, migration.MaxDowntime, 0);
        var left = OnTheWire(migration.Memory) + (migration.ZeroMemory / PageBytes * HeaderBytes);
        var (time, sent) = (0.0, 0.0);
        for (var pass = 1; ; pass++)
        {
            if (left <= limit * bandwidth)
            {
                return new(PrecopyEnd.SwitchOver, time + (left / bandwidth), sent + left, pass, left / bandwidth) { Limit = limit };
            }

            var seconds = left / bandwidth;
            if (time + seconds > migration.Timeout)
            {
                var until = migration.Timeout.Value - time;
                return Rest(EndOf(migration.OnTimeout), bandwidth, migration.Timeout.Value, sent + (until * bandwidth), pass,
                    left - (until * bandwidth) + Dirtied(until));
            }

            var next = Dirtied(seconds);
            throttling.Add(seconds, left, next);
            (time, sent) = (time + seconds, sent + left);
            if (pass == 1 && migration.PostCopyAfterPrecopy)
            {
                return Rest(PrecopyEnd.PostCopy, bandwidth, time, sent, pass, next);
            }

            if (step < migration.Steps.Count && !(migration.Steps[step].AfterIterations >= pass))
            {
                var taken = migration.Steps[step++];
                limit = taken.MaxDowntime?.TotalSeconds ?? limit;
                if (taken.Action != MigrationAction.SetMaxDowntime && next > limit * bandwidth)
                {
                    return Rest(EndOf(taken.Action), bandwidth, time, sent, pass, next);
                }
            }

            var goesOn = step < migration.Steps.Count || migration.Timeout is not null || (migration.AutoConverge && throttling.CanRise);
            if (next > limit * bandwidth && ((!goesOn && left - next < LeastGain * left) || pass == MostPasses))
            {
                return new(PrecopyEnd.Never, time, sent, pass, 0);
            }

            left = next;
        }

        double Dirtied(double seconds) =>
            OnTheWire(dirtied(seconds * (1 - Math.Max(migration.Throttle, migration.AutoConverge ? throttling.Throttle : 0))));
    }

    private static double OnTheWire(double memory) => memory * (1 + (HeaderBytes / PageBytes));

    private static PrecopyEnd EndOf(TimeoutAction action) => action switch
    {
        TimeoutAction.PostCopy => PrecopyEnd.PostCopy,
        TimeoutAction.Suspend => PrecopyEnd.Suspended,
        _ => PrecopyEnd.GivenUp,
    };

    private static PrecopyEnd EndOf(MigrationAction action) => action switch
    {
        MigrationAction.PostCopy => PrecopyEnd.PostCopy,
        MigrationAction.Suspend => PrecopyEnd.Suspended,
        _ => PrecopyEnd.GivenUp,
    };

    // What is left moves without being changed again, or does not move at all.
    private static PrecopyResult Rest(PrecopyEnd end, double bandwidth, double time, double sent, int passes, double left) =>
        end == PrecopyEnd.GivenUp
            ? new(end, time, sent, passes, 0)
            : new(end, time + (left / bandwidth), sent + left, passes + 1, end == PrecopyEnd.Suspended ? left / bandwidth : 0);
}
