using VirtMigrate.Simulation;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

public sealed class SimulatedTimeTests
{
    [Fact]
    public void The_wall_clock_steps_and_the_timestamp_does_not()
    {
        var time = new SimulatedTime(new SimulatedRandom(1));
        var (stamp, clock) = (time.GetTimestamp(), time.GetUtcNow());
        time.StepWallClock(TimeSpan.FromHours(-3));
        Assert.Equal(TimeSpan.Zero, time.GetElapsedTime(stamp));
        Assert.Equal(clock - TimeSpan.FromHours(3), time.GetUtcNow());
    }

    [Fact]
    public void Timers_fire_in_order_without_waiting()
    {
        var time = new SimulatedTime(new SimulatedRandom(1));
        var fired = new List<int>();
        using var late = time.CreateTimer(_ => fired.Add(2), null, TimeSpan.FromHours(2), Timeout.InfiniteTimeSpan);
        using var early = time.CreateTimer(_ => fired.Add(1), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        using var never = time.CreateTimer(_ => fired.Add(3), null, TimeSpan.FromHours(1), Timeout.InfiniteTimeSpan);
        never.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Assert.True(time.RunUntilQuiet(TimeSpan.FromHours(3)));
        Assert.Equal([1, 2], fired);
        Assert.Equal(TimeSpan.FromHours(2), time.Now);
    }
}
