using System.Collections.Immutable;

namespace VirtMigrate.Hypervisor;

/// <summary>Those who listen to one host's domain events.</summary>
/// <param name="begin">Runs whenever a first one is about to be added.</param>
/// <param name="end">Runs whenever the last one has gone.</param>
internal sealed class DomainEventListeners(Action begin, Action? end = null)
{
    private readonly object _lock = new();
    private ImmutableArray<Subscription> _subscriptions = [];
    private bool _hasEnded;

    /// <summary>Adds a listener. Where all listening has ended, it is never told anything.</summary>
    /// <param name="vm">The VM whose events it is told; null for those of all.</param>
    /// <param name="listener">Called on the thread that the event comes on; must return quickly. What it throws is dropped.</param>
    /// <returns>
    /// Removes the listener when disposed: after that it is not called any more, though a call that has begun may not have returned yet.
    /// </returns>
    public IDisposable Add(Guid? vm, Action<DomainEvent> listener)
    {
        var subscription = new Subscription(this, vm, listener);
        lock (_lock)
        {
            if (_hasEnded)
            {
                return subscription;
            }

            if (_subscriptions.IsEmpty)
            {
                begin();
            }

            _subscriptions = _subscriptions.Add(subscription);
        }

        return subscription;
    }

    /// <summary>Tells whether anybody listens to a VM's events.</summary>
    /// <param name="vm">The VM.</param>
    /// <returns>False where an event need not even be read.</returns>
    public bool Want(Guid vm) => _subscriptions.Any(s => s.Wants(vm));

    /// <summary>Tells those who listen.</summary>
    /// <param name="happened">What happened.</param>
    public void Publish(DomainEvent happened)
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Tell(happened);
        }
    }

    /// <summary>Removes every listener, and takes no more.</summary>
    public void End() => Keep(_ => [], isLast: true);

    private void Keep(Func<ImmutableArray<Subscription>, ImmutableArray<Subscription>> some, bool isLast)
    {
        lock (_lock)
        {
            _hasEnded |= isLast;
            var before = _subscriptions;
            _subscriptions = some(before);
            if (_subscriptions.IsEmpty && !before.IsEmpty)
            {
                end?.Invoke();
            }
        }
    }

    private sealed class Subscription(DomainEventListeners owner, Guid? vm, Action<DomainEvent> listener) : IDisposable
    {
        private volatile bool _isDisposed;

        public bool Wants(Guid other) => !_isDisposed && (vm is null || vm == other);

        public void Tell(DomainEvent happened)
        {
            if (!Wants(happened.Vm) || owner._hasEnded)
            {
                return;
            }

            try
            {
                listener(happened);
            }
            catch (Exception)
            {
                // One who fails must not keep the event from the others, nor end the thread that libvirt's events come on.
            }
        }

        public void Dispose()
        {
            _isDisposed = true;
            owner.Keep(s => s.Remove(this), isLast: false);
        }
    }
}
