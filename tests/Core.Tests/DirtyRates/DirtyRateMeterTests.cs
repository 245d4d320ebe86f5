using VirtMigrate.Hosts;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.DirtyRates;

/// <summary>
/// A VM is measured once at a time, and only the last figure is kept. The QEMU here answers as a real one does; the lab's tests show a
/// real one.
/// </summary>
public sealed class DirtyRateMeterTests
{
    private static readonly HostAddress Address = HostAddress.Parse("kvm1");

    private readonly QuickClock _clock = new();
    private readonly List<(double Begin, double Period, DirtyRateMode Mode, string By)> _measurements = [];
    private readonly Queue<(double At, double Period, DirtyRateMode Mode)> _others = [];
    private bool _failsToCompare;

    [Fact]
    public async Task A_reading_has_the_period_that_was_asked_for_and_its_begin()
    {
        var reading = await MeasureAsync(10);

        Assert.Equal((TimeSpan.FromSeconds(10), DateTimeOffset.UnixEpoch), (reading.Period, reading.Start?.ToUniversalTime()));
        Assert.InRange(_clock.Now.TotalSeconds, 10, 11);
    }

    [Fact]
    public async Task Somebody_elses_measurement_of_another_period_is_waited_for_and_not_taken()
    {
        _others.Enqueue((0, 7, DirtyRateMode.PageSampling));

        var reading = await MeasureAsync(2);

        Assert.Equal(TimeSpan.FromSeconds(2), reading.Period);
        Assert.NotNull(reading.Start);
        Assert.Equal(["other", "own"], _measurements.Select(m => m.By));
        Assert.InRange(_clock.Now.TotalSeconds, 9, 10.5);
    }

    [Fact]
    public async Task Somebody_elses_measurement_in_another_mode_is_not_taken_either()
    {
        _others.Enqueue((0, 2, DirtyRateMode.DirtyBitmap));

        Assert.Equal(DirtyRateMode.PageSampling, (await MeasureAsync(2)).Mode);
    }

    [Fact]
    public async Task Somebody_elses_measurement_that_is_the_same_is_shared()
    {
        _others.Enqueue((0, 7, DirtyRateMode.PageSampling));

        var reading = await MeasureAsync(7);

        Assert.Equal(TimeSpan.FromSeconds(7), reading.Period);
        Assert.Null(reading.Start);
        Assert.Equal(["other"], _measurements.Select(m => m.By));
    }

    [Fact]
    public async Task Somebody_who_is_faster_is_let_go_first()
    {
        // Nothing is seen at the first look, and then QEMU refuses.
        _others.Enqueue((0.05, 3, DirtyRateMode.PageSampling));

        Assert.Equal(TimeSpan.FromSeconds(2), (await MeasureAsync(2, lookTakes: 0.1)).Period);
        Assert.Equal(["other", "own"], _measurements.Select(m => m.By));
    }

    [Fact]
    public async Task A_figure_that_somebody_overwrote_before_it_was_fetched_is_measured_again()
    {
        _others.Enqueue((2.35, 5, DirtyRateMode.PageSampling));

        var reading = await MeasureAsync(2, lookTakes: 0.3);

        Assert.Equal(TimeSpan.FromSeconds(2), reading.Period);
        Assert.Equal(["own", "other", "own"], _measurements.Select(m => m.By));
    }

    [Fact]
    public async Task A_measurement_without_a_figure_is_told_from_one_that_has_not_ended()
    {
        _failsToCompare = true;

        Assert.Equal(Address, (await FailureAssert.ThrowsAsync<HypervisorException>("DirtyRateNotMeasurable", () => MeasureAsync(1))).Host);
        Assert.InRange(_clock.Now.TotalSeconds, 1, 2);
    }

    [Fact]
    public async Task Others_without_end_are_not_waited_for_without_end()
    {
        for (var at = 0; at < 1000; at += 5)
        {
            _others.Enqueue((at, 5, DirtyRateMode.PageSampling));
        }

        await Assert.ThrowsAsync<HostTimeoutException>(() => MeasureAsync(30, lookTakes: 0.1));
    }

    private Task<DirtyRateReading> MeasureAsync(int seconds, double lookTakes = 0)
    {
        return new DirtyRateMeter(Address, LookAsync, StartAsync, _clock)
            .MeasureAsync(TimeSpan.FromSeconds(seconds), DirtyRateMode.PageSampling, TestContext.Current.CancellationToken);

        async Task<DirtyRateStatus> LookAsync(CancellationToken cancellationToken)
        {
            var found = Look();
            await Task.Delay(TimeSpan.FromSeconds(lookTakes), _clock, cancellationToken);
            return found;
        }

        Task<bool> StartAsync(int period, CancellationToken cancellationToken)
        {
            var isFree = !Look().IsMeasuring;
            if (isFree)
            {
                _measurements.Add((_clock.Now.TotalSeconds, period, DirtyRateMode.PageSampling, "own"));
            }

            return Task.FromResult(isFree);
        }
    }

    // The last measurement, of which QEMU tells whole seconds.
    private DirtyRateStatus Look()
    {
        var now = _clock.Now.TotalSeconds;
        while (_others.TryPeek(out var other) && other.At <= now)
        {
            _others.Dequeue();
            if (_measurements.Count == 0 || other.At >= _measurements[^1].Begin + _measurements[^1].Period)
            {
                _measurements.Add((other.At, other.Period, other.Mode, "other"));
            }
        }

        if (_measurements.Count == 0)
        {
            return new();
        }

        var (begin, seconds, mode, _) = _measurements[^1];
        var hasEnded = now >= begin + seconds;
        var period = TimeSpan.FromSeconds(seconds);
        return new()
        {
            IsMeasuring = !hasEnded,
            HasEnded = hasEnded,
            Begin = 1000 + (long)begin,
            Period = period,
            Mode = mode,
            Reading = hasEnded && !_failsToCompare ? new(20 << 20, period, null) { Mode = mode } : null,
        };
    }
}
