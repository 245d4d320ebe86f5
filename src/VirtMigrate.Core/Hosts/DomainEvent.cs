using System.Collections.Immutable;

namespace VirtMigrate.Hosts;

/// <summary>Something that happened to a VM.</summary>
/// <param name="Vm">The VM's UUID.</param>
internal abstract record DomainEvent(Guid Vm);

/// <summary>A migration began another iteration over the guest's memory (VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION).</summary>
/// <param name="Vm">The VM's UUID.</param>
/// <param name="Iteration">The iteration's number, from 1.</param>
internal sealed record MigrationIterationEvent(Guid Vm, int Iteration) : DomainEvent(Vm);

/// <summary>A job ended (VIR_DOMAIN_EVENT_ID_JOB_COMPLETED).</summary>
/// <param name="Vm">The VM's UUID.</param>
/// <param name="Statistics">The job's last statistics.</param>
internal sealed record JobCompletedEvent(Guid Vm, JobStatistics Statistics) : DomainEvent(Vm);

/// <summary>The VM came, went, stopped or went on (VIR_DOMAIN_EVENT_ID_LIFECYCLE).</summary>
/// <param name="Vm">The VM's UUID.</param>
/// <param name="Kind">The virDomainEventType.</param>
/// <param name="Detail">The detail that belongs to the kind.</param>
internal sealed record LifecycleEvent(Guid Vm, int Kind, int Detail) : DomainEvent(Vm)
{
    // virDomainEventType, with the details that a migration is told by (libvirt-domain.h).
    internal const int Started = 2;
    internal const int Suspended = 3;
    internal const int SuspendedMigrated = 1;
    internal const int SuspendedIoError = 2;
    internal const int SuspendedPostCopy = 7;
    internal const int SuspendedPostCopyFailed = 8;
    internal const int Resumed = 4;
    internal const int ResumedMigrated = 1;
    internal const int ResumedPostCopy = 3;
    internal const int ResumedPostCopyFailed = 4;
    internal const int Stopped = 5;
    internal const int StoppedShutDown = 0;
    internal const int StoppedDestroyed = 1;
    internal const int StoppedCrashed = 2;
    internal const int StoppedMigrated = 3;
    internal const int StoppedFailed = 5;
    internal const int Crashed = 8;
}

/// <summary>Those who listen to one host's domain events.</summary>
/// <param name="begin">Runs whenever a first one is about to be added.</param>
/// <param name="end">Runs whenever the last one has gone.</param>
internal sealed class DomainEventListeners(Action begin, Action? end = null)
{
    private readonly object _lock = new();
    private ImmutableArray<Subscription> _subscriptions = [];
    private bool _hasEnded;

    /// <summary>Adds a listener to a VM's events, or to those of all. Where all listening has ended, it is never told anything.</summary>
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

    /// <summary>Whether anybody listens to a VM's events; where not, an event need not even be read.</summary>
    public bool Want(Guid vm) => _subscriptions.Any(s => s.Wants(vm));

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
