using VirtMigrate.Estimation;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

public sealed class PrecopyModelTests
{
    private const double MiB = 1024 * 1024;

    [Fact]
    public void Every_cell_of_the_published_table_comes_out()
    {
        foreach (var (gigabits, limit, seconds) in PublishedSample.Published)
        {
            var result = PrecopyModel.Run(PublishedSample.Migration(gigabits, limit), PublishedSample.Written);
            Assert.Equal((gigabits, limit, seconds), (gigabits, limit, result.Moves ? (int)Math.Ceiling(result.Seconds) : null));
        }
    }

    [Fact]
    public void A_rate_over_a_minute_alone_says_that_1_gigabit_is_enough_which_is_wrong()
    {
        var rate = PublishedSample.Curve().Expected(60) / 60;
        var result = PrecopyModel.Run(PublishedSample.Migration(1, 0.125), t => rate * t);

        Assert.True(result.Moves);
        Assert.Equal(435, result.Seconds, 5.0);
        Assert.False(PrecopyModel.Run(PublishedSample.Migration(1, 0.125), PublishedSample.Written).Moves);
    }

    [Fact]
    public void A_guest_that_stands_still_takes_one_pass()
    {
        var result = PrecopyModel.Run(Case(memory: 100, bandwidth: 10), _ => 0);

        Assert.Equal((PrecopyEnd.Switchover, 2), (result.End, result.Iterations));
        Assert.Equal(10 * (1 + (8 / 4096.0)), result.Seconds, 1e-6);
    }

    [Fact]
    public void A_guest_at_half_the_rate_takes_twice_the_time()
    {
        var result = PrecopyModel.Run(Case(memory: 100, bandwidth: 10) with { MaxDowntime = 1e-4 }, t => 5 * MiB * t);

        Assert.Equal(PrecopyEnd.Switchover, result.End);
        Assert.Equal(20, result.Seconds, 0.2);
        Assert.Equal(200 * MiB, result.Bytes, 2 * MiB);
    }

    [Fact]
    public void A_guest_at_the_rate_never_ends_and_nothing_waits_for_it() =>
        Assert.Equal(PrecopyEnd.Never, PrecopyModel.Run(Case(memory: 100, bandwidth: 10), t => 10 * MiB * t).End);

    [Fact]
    public void A_small_working_set_ends_however_fast_it_is_written() =>
        Assert.Equal(PrecopyEnd.Switchover, PrecopyModel.Run(Case(memory: 100, bandwidth: 10), t => Math.Min(2 * MiB, 1000 * MiB * t)).End);

    [Fact]
    public void When_the_time_is_up_it_is_given_up_or_the_guest_is_stopped_or_goes_over()
    {
        var busy = Case(memory: 100, bandwidth: 10) with { Timeout = 15 };

        var aborted = PrecopyModel.Run(busy, t => 10 * MiB * t);
        var suspended = PrecopyModel.Run(busy with { OnTimeout = TimeoutAction.Suspend }, t => 10 * MiB * t);
        var postCopy = PrecopyModel.Run(busy with { OnTimeout = TimeoutAction.PostCopy }, t => 10 * MiB * t);

        Assert.Equal((PrecopyEnd.Aborted, 15.0), (aborted.End, aborted.Seconds));
        Assert.Equal(PrecopyEnd.Suspended, suspended.End);
        Assert.Equal(10, suspended.Downtime, 0.1);
        Assert.Equal(25, suspended.Seconds, 0.1);
        Assert.Equal((PrecopyEnd.PostCopy, 0.0), (postCopy.End, postCopy.Downtime));
        Assert.Equal(25, postCopy.Seconds, 0.1);
    }

    [Fact]
    public void Post_copy_after_the_first_pass_moves_each_page_at_most_twice()
    {
        var result = PrecopyModel.Run(Case(memory: 100, bandwidth: 10) with { PostCopyAfterPrecopy = true }, t => Math.Min(80 * MiB, 50 * MiB * t));

        Assert.Equal(PrecopyEnd.PostCopy, result.End);
        Assert.Equal(18, result.Seconds, 0.1);
    }

    [Fact]
    public void Auto_converge_slows_the_guest_until_its_memory_moves()
    {
        var busy = Case(memory: 100, bandwidth: 10);
        var result = PrecopyModel.Run(busy with { AutoConverge = true }, t => 15 * MiB * t);

        Assert.Equal(PrecopyEnd.Never, PrecopyModel.Run(busy, t => 15 * MiB * t).End);
        Assert.Equal(PrecopyEnd.Switchover, result.End);
        Assert.True(result.Iterations > 6, $"{result.Iterations} passes");
    }

    [Fact]
    public void A_policy_raises_the_limit_pass_by_pass()
    {
        MigrationPolicyStep[] steps =
        [
            new() { AfterIterations = 1, Action = MigrationAction.SetMaxDowntime, MaxDowntime = TimeSpan.FromSeconds(1) },
            new() { AfterIterations = 3, Action = MigrationAction.SetMaxDowntime, MaxDowntime = TimeSpan.FromSeconds(6) },
            new() { Action = MigrationAction.Abort },
        ];
        Func<double, double> written = t => Math.Min(50 * MiB, 100 * MiB * t);

        var raised = PrecopyModel.Run(Case(memory: 100, bandwidth: 10) with { Steps = steps }, written);
        var refused = PrecopyModel.Run(Case(memory: 100, bandwidth: 5) with { Steps = steps }, written);

        Assert.Equal((PrecopyEnd.Switchover, 5), (raised.End, raised.Iterations));
        Assert.Equal(6, raised.Limit);
        Assert.Equal(PrecopyEnd.Aborted, refused.End);
    }

    private static PrecopyCase Case(double memory, double bandwidth) => new() { Memory = memory * MiB, Bandwidth = bandwidth * MiB };
}
