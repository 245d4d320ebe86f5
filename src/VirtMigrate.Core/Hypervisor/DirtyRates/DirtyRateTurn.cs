using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.DirtyRates;

/// <summary>
/// Waits for a VM's turn to be measured. QEMU makes one measurement of a VM at a time, refuses another meanwhile, and keeps the last
/// figure only, whoever asked for it.
/// </summary>
/// <param name="look">Looks at the VM's measurement.</param>
/// <param name="start">Begins one; false where one is going on.</param>
/// <param name="clock">The clock to wait by.</param>
internal sealed class DirtyRateTurn(
    Func<CancellationToken, Task<DirtyRateLook>> look, Func<CancellationToken, Task<bool>> start, TimeProvider clock)
{
    // How late a figure may be, and how long others are let go first: each of their measurements takes a minute at most.
    private static readonly TimeSpan Lateness = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    // A VM that stops meanwhile is noticed at the next look.
    private static readonly TimeSpan LongestNap = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestNap = TimeSpan.FromMilliseconds(200);

    // Whoever measured, or shares it, gets to see the figure before the next measurement overwrites it.
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(500);

    /// <summary>Measures, after whatever else is being measured, or takes part in a measurement that is going on and is the same.</summary>
    /// <param name="period">How long.</param>
    /// <param name="mode">How.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The reading; null where there was nothing to be measured.</returns>
    /// <exception cref="TimeoutException">Others went on measuring, or the figure did not come.</exception>
    public async Task<DirtyRateReading?> MeasureAsync(TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        while (clock.GetElapsedTime(begin) < Patience)
        {
            var other = await look(cancellationToken).ConfigureAwait(false);
            if (other.IsMeasuring)
            {
                var shared = await AwaitEndAsync(other, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
                if (shared is not null && other.Period == period && other.Mode == mode)
                {
                    return shared.Reading;
                }

                await Task.Delay(Courtesy, clock, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var time = clock.GetLocalNow();
            if (!await start(cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            var own = (await look(cancellationToken).ConfigureAwait(false)) with { Period = period };
            if (await AwaitEndAsync(own, period, cancellationToken).ConfigureAwait(false) is { } ended)
            {
                return ended.Reading is { } reading ? reading with { Start = time } : null;
            }
        }

        throw new TimeoutException();
    }

    // The measurement as it ended; null where somebody began another one before that was seen.
    private async Task<DirtyRateLook?> AwaitEndAsync(DirtyRateLook measurement, TimeSpan notBefore, CancellationToken cancellationToken)
    {
        var begin = clock.GetTimestamp();
        while (clock.GetElapsedTime(begin) is var elapsed && elapsed < measurement.Period + Lateness)
        {
            await Task.Delay(Nap(notBefore - elapsed), clock, cancellationToken).ConfigureAwait(false);
            var now = await look(cancellationToken).ConfigureAwait(false);
            if (!measurement.IsSeenIn(now))
            {
                return null;
            }

            if (now.HasEnded)
            {
                return now;
            }
        }

        throw new TimeoutException();
    }

    // To the end where that is known; looking every now and then where it isn't.
    private static TimeSpan Nap(TimeSpan left) => left > LongestNap ? LongestNap : left > ShortestNap ? left : ShortestNap;
}
