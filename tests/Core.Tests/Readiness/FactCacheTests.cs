using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.Tests.Readiness;

/// <summary>What is asked once for many is nobody's alone.</summary>
public sealed class FactCacheTests
{
    private readonly TaskCompletionSource<int> _answer = new();
    private int _asked;
    private CancellationToken _asking;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_told_is_not_asked_again()
    {
        var store = new FactCache();
        _answer.SetResult(7);

        Assert.Equal((7, 7), (await AskAsync(store, Token), await AskAsync(store, Token)));
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task One_who_stops_ends_nobody_elses_waiting()
    {
        var store = new FactCache();
        using var stop = new CancellationTokenSource();
        var first = AskAsync(store, stop.Token);
        var second = AskAsync(store, Token);

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False(_asking.IsCancellationRequested);
        _answer.SetResult(7);

        Assert.Equal(7, await second);
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task What_nobody_waits_for_any_more_is_given_up_and_not_kept()
    {
        var store = new FactCache();
        using var stop = new CancellationTokenSource();
        var first = AskAsync(store, stop.Token);
        await UntilAskedAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.True(_asking.IsCancellationRequested);
        _answer.SetResult(7);

        Assert.Equal(7, await AskAsync(store, Token));
        Assert.Equal(2, _asked);
    }

    [Fact]
    public async Task What_rested_on_one_who_stopped_is_asked_again_by_those_who_have_not()
    {
        var store = new FactCache();
        using var stop = new CancellationTokenSource();
        var first = store.GetAsync(
            "key",
            async _ =>
            {
                await Task.Delay(Timeout.Infinite, stop.Token);
                return 0;
            },
            stop.Token);
        var second = AskAsync(store, Token);
        _answer.SetResult(7);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(7, await second);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    public async Task What_failed_is_kept_only_where_that_is_wanted(bool keepsFailures, int asked)
    {
        var store = new FactCache(keepsFailures);
        _answer.SetException(new HypervisorException("refused"));

        await Assert.ThrowsAsync<HypervisorException>(() => AskAsync(store, Token));
        await Assert.ThrowsAsync<HypervisorException>(() => AskAsync(store, Token));

        Assert.Equal(asked, _asked);
    }

    private Task<int> AskAsync(FactCache store, CancellationToken cancellationToken) => store.GetAsync(
        "key",
        ct =>
        {
            _asking = ct;
            Interlocked.Increment(ref _asked);
            return _answer.Task;
        },
        cancellationToken);

    private async Task UntilAskedAsync()
    {
        while (Volatile.Read(ref _asked) == 0)
        {
            await Task.Delay(5, Token);
        }
    }
}
