using System.Collections.Immutable;
using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Hypervisor.Statistics;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>
/// Hands libvirt's domain events of one connection to its listeners. Libvirt is asked for them at the first listener.
/// </summary>
/// <param name="connection">The connection.</param>
internal sealed unsafe class LibvirtEvents(ConnectionHandle connection) : IDisposable
{
    private const int Lifecycle = 0;
    private const int MigrationIteration = 20;
    private const int JobCompleted = 21;

    private readonly object _lock = new();
    private readonly List<int> _callbacks = [];
    private ImmutableArray<Action<DomainEvent>> _listeners = [];
    private bool _registered;

    /// <summary>Adds a listener.</summary>
    /// <param name="listener">Called on libvirt's event thread.</param>
    /// <returns>Removes the listener when disposed.</returns>
    public IDisposable Subscribe(Action<DomainEvent> listener)
    {
        lock (_lock)
        {
            _listeners = _listeners.Add(listener);
            if (!_registered)
            {
                _registered = true;
                Register(Lifecycle, (nint)(delegate* unmanaged<nint, nint, int, int, nint, int>)&OnLifecycle);
                Register(MigrationIteration, (nint)(delegate* unmanaged<nint, nint, int, nint, void>)&OnIteration);
                Register(JobCompleted, (nint)(delegate* unmanaged<nint, nint, TypedParameter*, int, nint, void>)&OnJobCompleted);
            }
        }

        return new Subscription(this, listener);
    }

    /// <summary>Ends all listening.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _listeners = [];
            foreach (var callback in _callbacks)
            {
                _ = NativeMethods.ConnectDomainEventDeregisterAny(connection, callback);
            }

            _callbacks.Clear();
        }
    }

    // A driver that lacks an event is watched by its statistics alone.
    private void Register(int eventId, nint callback)
    {
        var self = GCHandle.ToIntPtr(GCHandle.Alloc(this));
        var id = NativeMethods.ConnectDomainEventRegisterAny(connection, 0, eventId, callback, self, &Free);
        if (id >= 0)
        {
            _callbacks.Add(id);
        }
        else
        {
            GCHandle.FromIntPtr(self).Free();
        }
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
        }
    }

    [UnmanagedCallersOnly]
    private static int OnLifecycle(nint connection, nint domain, int kind, int detail, nint self)
    {
        Target(self)?.Publish(new LifecycleEvent(LibvirtVmReader.ReadUuid(domain), kind, detail));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void OnIteration(nint connection, nint domain, int iteration, nint self) =>
        Target(self)?.Publish(new MigrationIterationEvent(LibvirtVmReader.ReadUuid(domain), iteration));

    [UnmanagedCallersOnly]
    private static void OnJobCompleted(nint connection, nint domain, TypedParameter* parameters, int count, nint self)
    {
        const int Completed = 3;
        var statistics = JobStatisticsReader.Read(Completed, TypedParameter.ToStatistics(new(parameters, count)));
        Target(self)?.Publish(new JobCompletedEvent(LibvirtVmReader.ReadUuid(domain), statistics));
    }

    [UnmanagedCallersOnly]
    private static void Free(nint self) => GCHandle.FromIntPtr(self).Free();

    private static LibvirtEvents? Target(nint self) => GCHandle.FromIntPtr(self).Target as LibvirtEvents;

    private sealed class Subscription(LibvirtEvents owner, Action<DomainEvent> listener) : IDisposable
    {
        public void Dispose() => owner.Unsubscribe(listener);
    }
}
