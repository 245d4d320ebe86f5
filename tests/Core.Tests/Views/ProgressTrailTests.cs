using VirtMigrate.Jobs;
using Xunit;

namespace VirtMigrate.Tests.Views;

/// <summary>What a job keeps of its progress, for the chart.</summary>
public sealed class ProgressTrailTests
{
    [Fact]
    public void It_stays_small_and_even_however_long_a_migration_is()
    {
        var trail = new ProgressTrail();
        for (var i = 0; i < 20_000; i++)
        {
            trail.Add(At(i));
        }

        var gaps = trail.Samples.Zip(trail.Samples.Skip(1), (a, b) => (b.Elapsed - a.Elapsed).TotalSeconds).ToArray();
        Assert.InRange(trail.Samples.Count, 100, 240);
        Assert.Equal(TimeSpan.Zero, trail.Samples[0].Elapsed);
        Assert.InRange(trail.Samples[^1].Elapsed.TotalSeconds, 19_700, 20_000);
        Assert.True(gaps.Max() <= 2 * gaps.Min(), $"{gaps.Min()} to {gaps.Max()} s");
    }

    [Fact]
    public void It_keeps_all_of_a_short_one()
    {
        var trail = new ProgressTrail();
        trail.Add(At(1));
        trail.Add(At(2));

        Assert.Equal([1, 2], trail.Samples.Select(s => s.Elapsed.TotalSeconds));
        Assert.Equal([10, 20], trail.Samples.Select(s => s.Transferred));
    }

    [Fact]
    public void It_leaves_out_what_tells_no_amount()
    {
        var trail = new ProgressTrail();
        trail.Add(new() { Vm = "db1", Phase = MigrationPhase.Preparing });

        Assert.Empty(trail.Samples);
    }

    private static MigrationProgress At(int second) => new()
    {
        Vm = "db1",
        Phase = MigrationPhase.Copying,
        Elapsed = TimeSpan.FromSeconds(second),
        Transferred = second * 10,
        Remaining = 5,
    };
}
