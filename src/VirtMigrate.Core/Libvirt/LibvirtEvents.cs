using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;

namespace VirtMigrate.Libvirt;

/// <summary>
/// Hands libvirt's domain events of one host to its listeners. Libvirt is asked for them on one of the host's connections, from the first
/// listener on; where that connection ends, on the next one that is used.
/// </summary>
internal sealed unsafe class LibvirtEvents
{
    private const int Lifecycle = 0;
    private const int MigrationIteration = 20;
    private const int JobCompleted = 21;

    private readonly DomainEventListeners _listeners;
    private readonly object _lock = new();
    private readonly List<int> _callbacks = [];
    private ConnectionHandle? _connection;
    private volatile bool _isWanted;

    public LibvirtEvents() => _listeners = new(() => _isWanted = true);

    /// <summary>Whether somebody listens, and no connection brings events yet.</summary>
    public bool NeedsConnection => _isWanted && Volatile.Read(ref _connection) is null;

    public IDisposable Subscribe(Guid? vm, Action<DomainEvent> listener) => _listeners.Add(vm, listener);

    /// <summary>Ends all listening, for good.</summary>
    public void End() => _listeners.End();

    /// <summary>Asks for events where they are wanted and no connection brings them. Blocks.</summary>
    /// <remarks>
    /// They come for as long as the connection is open: to be taken off libvirt's list is a call, which waits for a host that hangs.
    /// </remarks>
    public void Register(ConnectionHandle connection)
    {
        if (!NeedsConnection || Interlocked.CompareExchange(ref _connection, connection, null) is not null)
        {
            return;
        }

        Register(connection, Lifecycle, (nint)(delegate* unmanaged<nint, nint, int, int, nint, int>)&OnLifecycle);
        Register(connection, MigrationIteration, (nint)(delegate* unmanaged<nint, nint, int, nint, void>)&OnIteration);
        Register(connection, JobCompleted, (nint)(delegate* unmanaged<nint, nint, NativeTypedParameter*, int, nint, void>)&OnJobCompleted);
    }

    /// <summary>Takes no more events from a connection that is about to be closed, which libvirt would keep for their sake. Blocks.</summary>
    public void Deregister(ConnectionHandle connection)
    {
        if (!ReferenceEquals(Volatile.Read(ref _connection), connection))
        {
            return;
        }

        int[] callbacks;
        lock (_lock)
        {
            callbacks = [.. _callbacks];
            _callbacks.Clear();
        }

        foreach (var callback in callbacks)
        {
            _ = NativeMethods.ConnectDomainEventDeregisterAny(connection, callback);
        }

        Volatile.Write(ref _connection, null);
    }

    // A driver that lacks an event is watched by its statistics alone.
    private void Register(ConnectionHandle connection, int eventId, nint callback)
    {
        var self = GCHandle.ToIntPtr(GCHandle.Alloc(this));
        var id = NativeMethods.ConnectDomainEventRegisterAny(connection, 0, eventId, callback, self, &Free);
        if (id < 0)
        {
            GCHandle.FromIntPtr(self).Free();
            return;
        }

        lock (_lock)
        {
            _callbacks.Add(id);
        }
    }

    // Nothing that goes wrong here may get back into libvirt, or it ends the process. An event that can't be read is missed, as one that
    // was lost on its way: those who wait for it look for themselves as well.
    [UnmanagedCallersOnly]
    private static int OnLifecycle(nint connection, nint domain, int kind, int detail, nint self)
    {
        Take(self, domain, vm => new LifecycleEvent(vm, kind, detail));
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void OnIteration(nint connection, nint domain, int iteration, nint self) =>
        Take(self, domain, vm => new MigrationIterationEvent(vm, iteration));

    [UnmanagedCallersOnly]
    private static void OnJobCompleted(nint connection, nint domain, NativeTypedParameter* parameters, int count, nint self)
    {
        Take(self, domain, vm => new JobCompletedEvent(vm, JobStatisticsReader.Read(JobStatisticsReader.JobCompleted, NativeTypedParameter.Copy(new(parameters, count)))));
    }

    private static void Take(nint self, nint domain, Func<Guid, DomainEvent> read)
    {
        try
        {
            var vm = LibvirtVmReader.ReadUuid(domain);
            if (GCHandle.FromIntPtr(self).Target is LibvirtEvents { _listeners: var listeners } && listeners.Want(vm))
            {
                listeners.Publish(read(vm));
            }
        }
        catch (Exception)
        {
        }
    }

    [UnmanagedCallersOnly]
    private static void Free(nint self)
    {
        try
        {
            GCHandle.FromIntPtr(self).Free();
        }
        catch (Exception)
        {
        }
    }
}
