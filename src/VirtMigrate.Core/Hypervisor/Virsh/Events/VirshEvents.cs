using System.Collections.Immutable;

namespace VirtMigrate.Hypervisor.Virsh.Events;

/// <summary>Hands the domain events of one host to their listeners. A virsh listens as long as somebody here does.</summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshEvents(VirshClient virsh) : IAsyncDisposable
{
    private readonly object _lock = new();
    private ImmutableArray<Action<DomainEvent>> _listeners = [];
    private CancellationTokenSource? _stop;
    private Task _listening = Task.CompletedTask;

    /// <summary>Adds a listener.</summary>
    /// <param name="listener">Called on a thread of the pool; must return quickly.</param>
    /// <returns>Removes the listener when disposed.</returns>
    public IDisposable Subscribe(Action<DomainEvent> listener)
    {
        lock (_lock)
        {
            _listeners = _listeners.Add(listener);
            if (_stop is null)
            {
                _stop = new();
                _listening = new VirshEventStream(virsh, Publish).RunAsync(_stop.Token);
            }
        }

        return new Subscription(this, listener);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _listeners = [];
            Stop();
        }

        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Publish(DomainEvent happened)
    {
        foreach (var listener in _listeners)
        {
            listener(happened);
        }
    }

    private void Unsubscribe(Action<DomainEvent> listener)
    {
        lock (_lock)
        {
            _listeners = _listeners.Remove(listener);
            if (_listeners.IsEmpty)
            {
                Stop();
            }
        }
    }

    private void Stop()
    {
        _stop?.Cancel();
        _stop?.Dispose();
        _stop = null;
    }

    private sealed class Subscription(VirshEvents owner, Action<DomainEvent> listener) : IDisposable
    {
        public void Dispose() => owner.Unsubscribe(listener);
    }
}
