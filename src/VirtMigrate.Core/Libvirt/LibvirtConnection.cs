using System.Collections.Concurrent;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;

namespace VirtMigrate.Libvirt;

/// <summary>One connection of libvirt's C API, for one call at a time, with what is kept for it.</summary>
internal sealed class LibvirtConnection(ConnectionHandle handle, HostAddress address, VmHost host, LibvirtEvents events) : IPooledConnection
{
    private volatile NativeCall? _call;

    public ConnectionHandle Handle => handle;

    /// <summary>The domains that were asked about.</summary>
    public LibvirtDomains Domains { get; } = new(handle, address);

    public LibvirtVmReader Reader { get; } = new(handle, address, host);

    public bool IsOpen
    {
        get
        {
            try
            {
                return !handle.IsClosed && NativeMethods.ConnectIsAlive(handle) == 1;
            }
            catch (ObjectDisposedException)
            {
                return false;
            }
        }
    }

    public void Enter(NativeCall call)
    {
        _call = call;
        events.Register(handle);
    }

    /// <summary>Gives a domain, for a call that somebody still waits for: what is changed late would be changed behind everybody's back.</summary>
    public DomainHandle Domain(Guid vm)
    {
        var domain = Domains.Get(vm);
        _call?.ThrowIfAbandoned();
        return domain;
    }

    public void Dispose()
    {
        events.Deregister(handle);
        Domains.Dispose();
        handle.Dispose();
    }
}

/// <summary>
/// The domains of a connection that were asked about. Libvirt finds a domain by the UUID that its pointer keeps, again at every call:
/// looking each up once saves a call at every later question, and does no harm when it stops, goes or comes back.
/// </summary>
internal sealed class LibvirtDomains(ConnectionHandle connection, HostAddress address) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, DomainHandle> _domains = [];

    /// <summary>Looks a domain up; invalid where there is none.</summary>
    public static unsafe DomainHandle Lookup(ConnectionHandle connection, Guid vm)
    {
        var bytes = stackalloc byte[16];
        vm.TryWriteBytes(new Span<byte>(bytes, 16), bigEndian: true, out _);
        return NativeMethods.DomainLookupByUuid(connection, bytes);
    }

    /// <summary>Gives a domain, which stays this list's. It may have gone since it was looked up: the next call about it says so.</summary>
    /// <exception cref="VmNotFoundException">There is none.</exception>
    public DomainHandle Get(Guid vm)
    {
        if (_domains.TryGetValue(vm, out var known))
        {
            return known;
        }

        var found = Lookup(connection, vm);
        return found.IsInvalid ? throw LibvirtErrors.LastException(address) : Keep(vm, found);
    }

    /// <summary>Keeps a domain that came with a list, whose pointer stays the caller's.</summary>
    public void Keep(Guid vm, nint domain)
    {
        if (!_domains.ContainsKey(vm) && NativeMethods.DomainRef(domain) == 0)
        {
            Keep(vm, new DomainHandle(domain));
        }
    }

    public void Dispose()
    {
        foreach (var domain in _domains.Values)
        {
            domain.Dispose();
        }
    }

    private DomainHandle Keep(Guid vm, DomainHandle domain)
    {
        var kept = _domains.GetOrAdd(vm, domain);
        if (kept != domain)
        {
            domain.Dispose();
        }

        return kept;
    }
}
