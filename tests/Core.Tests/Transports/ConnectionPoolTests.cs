using System.Collections.Concurrent;
using System.Diagnostics;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Calls that can't be cancelled, over connections that carry one at a time.</summary>
public sealed class ConnectionPoolTests : IAsyncDisposable
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AtOnce = TimeSpan.FromSeconds(5);
    private static int _number;

    private readonly HostAddress _address = HostAddress.Parse($"qemu+tcp://pool-{Interlocked.Increment(ref _number)}/system");
    private readonly ConcurrentQueue<FakeConnection> _opened = new();
    private readonly ManualResetEventSlim _answer = new();
    private readonly ConnectionPool<FakeConnection> _pool;
    private Func<Exception?> _refusal = () => null;

    public ConnectionPoolTests() => _pool = new(_address, NewConnection(), () => _refusal() is { } e ? throw e : NewConnection(), TimeProvider.System);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_call_past_its_deadline_is_abandoned_and_closes_its_connection_when_it_returns()
    {
        var thread = 0;
        var hanging = _pool.RunAsync(
            connection => connection.Call(() =>
            {
                thread = Environment.CurrentManagedThreadId;
                _answer.Wait(Token);
            }),
            Soon,
            isUrgent: false,
            Token);
        var error = await Assert.ThrowsAsync<HostTimeoutException>(() => hanging);
        await CallAsync(Never);

        var first = _opened.First();
        Assert.Equal((Soon, _address), (error.Timeout, error.Host));
        Assert.True(_pool.IsAlive);
        Assert.False(first.IsClosed);
        Assert.Equal(1, NativeCall.CountAbandoned(_address));
        Assert.Equal(2, _opened.Count);
        _answer.Set();
        await UntilAsync(() => first.IsClosed && NativeCall.CountAbandoned(_address) == 0);
        Assert.Equal(thread, first.ClosedBy);
        AssertDecent();
    }

    [Fact]
    public async Task A_token_is_heeded_at_once_and_the_connection_is_used_again_when_it_is_free()
    {
        using var stop = new CancellationTokenSource();
        var hanging = HangAsync(Never, stop.Token);
        var begun = Stopwatch.GetTimestamp();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, AtOnce);
        _answer.Set();
        await CallAsync(Never);
        await CallAsync(Never);
        Assert.False(Assert.Single(_opened).IsClosed);
        Assert.Equal(0, NativeCall.CountAbandoned(_address));
    }

    [Fact]
    public async Task A_cancelled_call_that_goes_on_is_abandoned_at_its_deadline_all_the_same()
    {
        using var stop = new CancellationTokenSource();

        // Long enough that a busy machine cancels before it.
        var hanging = HangAsync(TimeSpan.FromSeconds(3), stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hanging);

        await UntilAsync(() => NativeCall.CountAbandoned(_address) == 1);
        _answer.Set();
        await UntilAsync(() => _opened.First().IsClosed);
        AssertDecent();
    }

    [Fact]
    public async Task No_connection_carries_two_pool_at_once_and_there_are_few_of_them()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => _pool.RunAsync(connection => connection.Call(() => Thread.Sleep(15)), Never, isUrgent: false, Token)));

        Assert.InRange(_opened.Count, 1, 3);
        AssertDecent();
    }

    [Fact]
    public async Task What_is_urgent_does_not_wait_for_what_hangs()
    {
        var hanging = Enumerable.Range(0, 3).Select(_ => HangAsync(Never, Token)).ToArray();
        await UntilAsync(() => _opened.Count == 3);

        var others = CallAsync(Never);
        await _pool.RunAsync(connection => connection.Call(() => { }), AtOnce, isUrgent: true, Token);

        Assert.All(hanging, h => Assert.False(h.IsCompleted));
        _answer.Set();
        await Task.WhenAll([.. hanging, others]);
        AssertDecent();
    }

    [Fact]
    public async Task A_host_that_owes_too_many_answers_is_not_asked_again_until_it_answers()
    {
        for (var i = 0; i < HostDeadlines.MostAbandoned; i++)
        {
            await Assert.ThrowsAsync<HostTimeoutException>(() => HangAsync(TimeSpan.FromSeconds(1), Token));
        }

        var begun = Stopwatch.GetTimestamp();
        var error = await Assert.ThrowsAsync<HostTimeoutException>(() => CallAsync(Never));

        Assert.Contains("8 earlier calls", error.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, AtOnce);
        Assert.Equal(HostDeadlines.MostAbandoned, _opened.Count);
        _answer.Set();
        await UntilAsync(() => NativeCall.CountAbandoned(_address) == 0 && _opened.All(l => l.IsClosed));
        AssertDecent();
    }

    [Fact]
    public async Task Only_what_says_so_makes_the_host_one_that_is_gone()
    {
        var lost = new HostConnectionLostException(new(1, 0, "End of file while reading data"), _address);
        await Assert.ThrowsAsync<HypervisorException>(() => FailAsync(new HypervisorException("refused")));
        await Assert.ThrowsAsync<HostTimeoutException>(() => HangAsync(Soon, Token));
        Assert.True(_pool.IsAlive);

        await Assert.ThrowsAsync<HostConnectionLostException>(() => FailAsync(lost));

        Assert.False(_pool.IsAlive);
        await Assert.ThrowsAsync<HostConnectionLostException>(() => CallAsync(Never));
    }

    [Fact]
    public async Task A_connection_that_died_unused_is_not_used()
    {
        _opened.First().IsOpen = false;

        Assert.False(_pool.IsAlive);
        await Assert.ThrowsAsync<HostConnectionLostException>(() => CallAsync(Never));
        await UntilAsync(() => _opened.First().IsClosed);
    }

    [Fact]
    public async Task A_host_that_can_not_be_reached_again_is_lost()
    {
        _refusal = () => new HostUnreachableException(new(38, 0, "No route to host"), _address);
        await Assert.ThrowsAsync<HostTimeoutException>(() => HangAsync(Soon, Token));

        await Assert.ThrowsAsync<HostConnectionLostException>(() => CallAsync(Never));

        Assert.False(_pool.IsAlive);
    }

    [Fact]
    public async Task What_is_in_use_when_all_is_closed_is_closed_by_its_call()
    {
        var hanging = HangAsync(Never, Token);
        await _pool.DisposeAsync();

        Assert.False(_opened.First().IsClosed);
        await Assert.ThrowsAsync<HostConnectionLostException>(() => CallAsync(Never));
        _answer.Set();
        await hanging;
        await UntilAsync(() => _opened.First().IsClosed);
        AssertDecent();
    }

    [Fact]
    public async Task What_has_begun_has_no_deadline_any_more()
    {
        var call = NativeCall.Start(
            _address,
            self =>
            {
                self.Begin();
                Thread.Sleep(Soon * 3);
                return 7;
            },
            Soon,
            TimeProvider.System);
        await Task.Delay(Soon, Token);
        call.Abandon(new OperationCanceledException());

        Assert.Equal(7, await call.Task);
        Assert.Equal(0, NativeCall.CountAbandoned(_address));
    }

    [Fact]
    public async Task What_was_abandoned_before_does_not_begin()
    {
        var outcome = new TaskCompletionSource<bool>();
        var call = NativeCall.Start(
            _address,
            self =>
            {
                _answer.Wait(Token);
                outcome.SetResult(Record.Exception(self.Begin) is OperationCanceledException && Record.Exception(self.ThrowIfAbandoned) is not null);
                return true;
            },
            Soon,
            TimeProvider.System);
        await Assert.ThrowsAsync<HostTimeoutException>(() => call.Task);
        _answer.Set();

        Assert.True(await outcome.Task);
    }

    public async ValueTask DisposeAsync()
    {
        _answer.Set();
        await _pool.DisposeAsync();
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(20));
            await Task.Delay(10, Token);
        }
    }

    private Task<int> CallAsync(TimeSpan deadline) => _pool.RunAsync(connection => connection.Call(() => { }), deadline, isUrgent: false, Token);

    private Task<int> FailAsync(Exception failure) => _pool.RunAsync<int>(_ => throw failure, Never, isUrgent: false, Token);

    private Task<int> HangAsync(TimeSpan deadline, CancellationToken cancellationToken) =>
        _pool.RunAsync(connection => connection.Call(() => _answer.Wait(CancellationToken.None)), deadline, isUrgent: false, cancellationToken);

    private void AssertDecent() => Assert.All(_opened, connection => Assert.Empty(connection.Offences));

    private FakeConnection NewConnection()
    {
        var connection = new FakeConnection();
        _opened.Enqueue(connection);
        return connection;
    }
}
