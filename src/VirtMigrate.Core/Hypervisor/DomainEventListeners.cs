using System.Collections.Immutable;

namespace VirtMigrate.Hypervisor;

/// <summary>Those who listen to one host's domain events.</summary>
/// <param name="begin">Runs whenever a first one is about to be added.</param>
/// <param name="end">Runs whenever the last one has gone.</param>
internal sealed class DomainEventListeners(Action begin, Action? end = null)
{
    private readonly object _lock = new();
    private ImmutableArray<Action<DomainEvent>> _listeners = [];

    /// <summary>Adds a listener.</summary>
    /// <param name="listener">Called on the thread that the event comes on; must return quickly.</param>
    /// <returns>Removes the listener when disposed.</returns>
    public IDisposable Add(Action<DomainEvent> listener)
    {
        lock (_lock)
        {
            if (_listeners.IsEmpty)
            {
                begin();
            }

            _listeners = _listeners.Add(listener);
        }

        return new Subscription(this, listener);
    }

    /// <summary>Tells every listener.</summary>
    /// <param name="happened">What happened.</param>
    public void Publish(DomainEvent happened)
    {
        foreach (var listener in _listeners)
        {
            listener(happened);
        }
    }

    /// <summary>Removes every listener.</summary>
    public void Clear() => Keep(_ => []);

    private void Keep(Func<ImmutableArray<Action<DomainEvent>>, ImmutableArray<Action<DomainEvent>>> some)
    {
        lock (_lock)
        {
            var before = _listeners;
            _listeners = some(before);
            if (_listeners.IsEmpty && !before.IsEmpty)
            {
                end?.Invoke();
            }
        }
    }

    private sealed class Subscription(DomainEventListeners owner, Action<DomainEvent> listener) : IDisposable
    {
        public void Dispose() => owner.Keep(l => l.Remove(listener));
    }
}
