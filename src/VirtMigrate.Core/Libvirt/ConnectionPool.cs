using System.Diagnostics.CodeAnalysis;
using VirtMigrate.Hosts;

namespace VirtMigrate.Libvirt;

/// <summary>A connection to a host that carries one call at a time. It is closed by being disposed of, which blocks.</summary>
internal interface IPooledConnection : IDisposable
{
    /// <summary>Whether the connection stands, as far as can be told without asking the host.</summary>
    bool IsOpen { get; }

    /// <summary>Is told which call uses it from now on.</summary>
    /// <param name="call">The call.</param>
    void Enter(NativeCall call);
}

/// <summary>The connections over which one host is asked.</summary>
/// <remarks>
/// Each carries one call at a time. In libvirt before 10.3 several threads on one connection end in a crash: the one that waits for the
/// host leaves its watch of the socket, which points to its stack, behind when another wakes it, and whoever waits next runs into it
/// (CVE-2024-4418); and where the host is lost, only one of those who wait is told (virNetClientIOEventLoop).
/// A connection whose call is past its deadline is left to that call: nobody uses, closes or frees it, until the call returns and closes it.
/// </remarks>
/// <typeparam name="TConnection">The connection.</typeparam>
internal sealed class ConnectionPool<TConnection> : IAsyncDisposable
    where TConnection : class, IPooledConnection
{
    // A connection costs up to a second and a process: what is short is rather waited for.
    private static readonly TimeSpan BeforeAnother = TimeSpan.FromMilliseconds(250);
    private const int Most = 3;

    private readonly HostAddress _address;
    private readonly Func<TConnection> _open;
    private readonly TimeProvider _time;
    private readonly object _lock = new();
    private readonly Stack<TConnection> _idle = new();
    private readonly LinkedList<TaskCompletionSource<TConnection>> _waiting = new();
    private int _count = 1;
    private bool _isClosed;
    private volatile bool _isLost;

    /// <summary>Begins with the connection that opened the host.</summary>
    /// <param name="address">The host.</param>
    /// <param name="first">The connection.</param>
    /// <param name="open">Opens another one. Blocks.</param>
    /// <param name="time">What tells the time.</param>
    public ConnectionPool(HostAddress address, TConnection first, Func<TConnection> open, TimeProvider time)
    {
        _address = address;
        _open = open;
        _time = time;
        _idle.Push(first);
    }

    /// <summary>Whether nothing has said that the host is gone. A call that took too long says no such thing.</summary>
    public bool IsAlive
    {
        get
        {
            TConnection[] idle;
            lock (_lock)
            {
                if (_isClosed || _isLost)
                {
                    return false;
                }

                idle = [.. _idle];
            }

            return idle.All(c => c.IsOpen);
        }
    }

    /// <summary>Makes a call.</summary>
    /// <typeparam name="T">What it gives.</typeparam>
    /// <param name="call">The call.</param>
    /// <param name="deadline">How long it may take, waiting for a connection included.</param>
    /// <param name="isUrgent">Whether it must not wait for others, and takes another connection where it would have to.</param>
    /// <param name="cancellationToken">Cancels the wait; the call goes on until its deadline.</param>
    /// <returns>What it gave.</returns>
    /// <exception cref="HostTimeoutException">The host did not answer in time.</exception>
    /// <exception cref="HostConnectionLostException">The host is gone.</exception>
    public async Task<T> RunAsync<T>(Func<TConnection, T> call, TimeSpan deadline, bool isUrgent, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var begin = _time.GetTimestamp();
        using var expiring = new CancellationTokenSource(deadline, _time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expiring.Token);
        TConnection connection;
        try
        {
            connection = await TakeAsync(isUrgent, ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HostTimeoutException(_address, deadline) { Host = _address };
        }

        var left = deadline - _time.GetElapsedTime(begin);
        if (left <= TimeSpan.Zero || cancellationToken.IsCancellationRequested)
        {
            Leave(connection, wasAbandoned: false);
            cancellationToken.ThrowIfCancellationRequested();
            throw new HostTimeoutException(_address, deadline) { Host = _address };
        }

        var running = NativeCall.Start(
            _address, c => Use(connection, c, call), left, _time, wasAbandoned => Leave(connection, wasAbandoned), Discount, isBounded: false);
        try
        {
            return await running.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HostTimeoutException)
        {
            throw new HostTimeoutException(_address, deadline) { Host = _address };
        }
    }

    /// <summary>Closes what nobody uses; the rest is closed when it comes back.</summary>
    /// <returns>A task that ends when that is done, or the host takes too long.</returns>
    public async ValueTask DisposeAsync()
    {
        TConnection[] idle;
        lock (_lock)
        {
            _isClosed = true;
            idle = [.. _idle];
            _idle.Clear();
            foreach (var waiting in _waiting)
            {
                waiting.TrySetException(Gone());
            }

            _waiting.Clear();
        }

        await Task.WhenAll(idle.Select(CloseAsync)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private Task CloseAsync(TConnection connection) => NativeCall.Start(_address, _ => Close(connection), HostDeadlines.Close, _time, isBounded: false).Task;

    private static bool Close(TConnection connection)
    {
        connection.Dispose();
        return true;
    }

    private T Use<T>(TConnection connection, NativeCall self, Func<TConnection, T> call)
    {
        try
        {
            connection.Enter(self);
            return call(connection);
        }
        catch (HostConnectionLostException)
        {
            _isLost = true;
            throw;
        }
    }

    // On the call's thread: the last one out closes.
    private void Leave(TConnection connection, bool wasAbandoned)
    {
        if (wasAbandoned)
        {
            connection.Dispose();
        }
        else if (!connection.IsOpen || !TryGiveBack(connection))
        {
            // The one who waits for the call need not wait for this.
            Discount();
            _ = CloseAsync(connection);
        }
    }

    private bool TryGiveBack(TConnection connection)
    {
        lock (_lock)
        {
            while (!_isClosed && _waiting.First is { } next)
            {
                _waiting.RemoveFirst();
                if (next.Value.TrySetResult(connection))
                {
                    return true;
                }
            }

            if (_isClosed || _idle.Count >= Most)
            {
                return false;
            }

            _idle.Push(connection);
            return true;
        }
    }

    [SuppressMessage("Usage", "VSTHRD003", Justification = "It is completed here alone.")]
    private async Task<TConnection> TakeAsync(bool isUrgent, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TakeIdle(out var waiting) is { } idle)
            {
                return idle;
            }

            var isFirst = _count == 0;
            if (!isUrgent && !isFirst)
            {
                await Task.WhenAny(waiting.Task, Task.Delay(BeforeAnother, _time, cancellationToken)).ConfigureAwait(false);
            }

            lock (_lock)
            {
                _waiting.Remove(waiting);
                if (!waiting.Task.IsCompleted)
                {
                    if (cancellationToken.IsCancellationRequested || (!isUrgent && _count >= Most))
                    {
                        continue;
                    }

                    _count++;
                }
            }

            return waiting.Task.IsCompleted
                ? await waiting.Task.ConfigureAwait(false)
                : await OpenAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private TConnection? TakeIdle(out TaskCompletionSource<TConnection> waiting)
    {
        TConnection? dead;
        waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (_isClosed || _isLost)
            {
                throw Gone();
            }

            if (!_idle.TryPop(out dead))
            {
                _waiting.AddLast(waiting);
                return null;
            }

            if (dead.IsOpen)
            {
                return dead;
            }

            _isLost = true;
            _count--;
        }

        _ = CloseAsync(dead);
        throw Gone();
    }

    private async Task<TConnection> OpenAsync(CancellationToken cancellationToken)
    {
        NativeCall<TConnection> opening;
        try
        {
            opening = NativeCall.Start(_address, OpenUnlessLate, HostDeadlines.OpenAnother, _time);
        }
        catch
        {
            Discount();
            throw;
        }

        try
        {
            return await opening.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = KeepAsync(opening.Task);
            throw;
        }
        catch (HypervisorException e)
        {
            Discount();

            // It was reached before: to those above that is a connection that broke.
            _isLost |= e is HostUnreachableException or HostConnectionLostException or HostTimeoutException;
            throw e is HostUnreachableException { Error: { } error } ? new HostConnectionLostException(error, _address) : e;
        }
        catch
        {
            Discount();
            throw;
        }
    }

    private TConnection OpenUnlessLate(NativeCall call)
    {
        var connection = _open();
        if (call.IsAbandoned)
        {
            connection.Dispose();
            call.ThrowIfAbandoned();
        }

        return connection;
    }

    // Who waited for it has gone; the next one finds it.
    private async Task KeepAsync(Task<TConnection> opening)
    {
        try
        {
            var connection = await opening.ConfigureAwait(false);
            if (!TryGiveBack(connection))
            {
                Discount();
                _ = CloseAsync(connection);
            }
        }
        catch (Exception e)
        {
            Discount();
            _isLost |= e is HostUnreachableException or HostConnectionLostException or HostTimeoutException;
        }
    }

    private void Discount()
    {
        lock (_lock)
        {
            _count--;
        }
    }

    private HostConnectionLostException Gone() =>
        new(new(LibvirtErrorCode.InvalidConnection, 0, $"The connection to '{_address}' is closed."), _address);
}
