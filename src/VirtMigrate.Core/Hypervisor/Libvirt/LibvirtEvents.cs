using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Hypervisor.Statistics;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>
/// Hands libvirt's domain events of one connection to its listeners. Libvirt is asked for them at the first listener.
/// </summary>
internal sealed unsafe class LibvirtEvents : IDisposable
{
    private const int Lifecycle = 0;
    private const int MigrationIteration = 20;
    private const int JobCompleted = 21;

    private readonly ConnectionHandle _connection;
    private readonly DomainEventListeners _listeners;
    private readonly List<int> _callbacks = [];
    private bool _registered;

    /// <summary>Makes one that nobody listens to yet.</summary>
    /// <param name="connection">The connection.</param>
    public LibvirtEvents(ConnectionHandle connection)
    {
        _connection = connection;
        _listeners = new(RegisterOnce);
    }

    /// <summary>Adds a listener.</summary>
    /// <param name="listener">Called on libvirt's event thread.</param>
    /// <returns>Removes the listener when disposed.</returns>
    public IDisposable Subscribe(Action<DomainEvent> listener) => _listeners.Add(listener);

    /// <summary>Ends all listening.</summary>
    public void Dispose()
    {
        _listeners.Clear();
        foreach (var callback in _callbacks)
        {
            _ = NativeMethods.ConnectDomainEventDeregisterAny(_connection, callback);
        }

        _callbacks.Clear();
    }

    // Once for as long as the connection is open: to be taken off libvirt's list is a call, which waits for a host that hangs.
    private void RegisterOnce()
    {
        if (_registered)
        {
            return;
        }

        _registered = true;
        Register(Lifecycle, (nint)(delegate* unmanaged<nint, nint, int, int, nint, int>)&OnLifecycle);
        Register(MigrationIteration, (nint)(delegate* unmanaged<nint, nint, int, nint, void>)&OnIteration);
        Register(JobCompleted, (nint)(delegate* unmanaged<nint, nint, TypedParameter*, int, nint, void>)&OnJobCompleted);
    }

    // A driver that lacks an event is watched by its statistics alone.
    private void Register(int eventId, nint callback)
    {
        var self = GCHandle.ToIntPtr(GCHandle.Alloc(this));
        var id = NativeMethods.ConnectDomainEventRegisterAny(_connection, 0, eventId, callback, self, &Free);
        if (id >= 0)
        {
            _callbacks.Add(id);
        }
        else
        {
            GCHandle.FromIntPtr(self).Free();
        }
    }

    [UnmanagedCallersOnly]
    private static int OnLifecycle(nint connection, nint domain, int kind, int detail, nint self)
    {
        Target(self)?._listeners.Publish(new LifecycleEvent(LibvirtVmReader.ReadUuid(domain), kind, detail));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void OnIteration(nint connection, nint domain, int iteration, nint self) =>
        Target(self)?._listeners.Publish(new MigrationIterationEvent(LibvirtVmReader.ReadUuid(domain), iteration));

    [UnmanagedCallersOnly]
    private static void OnJobCompleted(nint connection, nint domain, TypedParameter* parameters, int count, nint self)
    {
        const int Completed = 3;
        var statistics = JobStatisticsReader.Read(Completed, TypedParameter.ToStatistics(new(parameters, count)));
        Target(self)?._listeners.Publish(new JobCompletedEvent(LibvirtVmReader.ReadUuid(domain), statistics));
    }

    [UnmanagedCallersOnly]
    private static void Free(nint self) => GCHandle.FromIntPtr(self).Free();

    private static LibvirtEvents? Target(nint self) => GCHandle.FromIntPtr(self).Target as LibvirtEvents;
}
