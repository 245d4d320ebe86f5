using System.Collections.Concurrent;
using VirtMigrate.Hypervisor.Libvirt.Interop;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>
/// The domains of a connection that were asked about. Libvirt finds a domain by the UUID that its pointer keeps, at every call anew:
/// looking each up once saves a call at every later question, and does no harm when it stops, goes or comes back.
/// </summary>
/// <param name="connection">The connection.</param>
/// <param name="address">The address that it was opened with.</param>
internal sealed class LibvirtDomains(ConnectionHandle connection, HostAddress address) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, DomainHandle> _domains = [];

    /// <summary>Looks a domain up.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="vm">The UUID.</param>
    /// <returns>The domain; invalid where there is none.</returns>
    public static unsafe DomainHandle Lookup(ConnectionHandle connection, Guid vm)
    {
        var bytes = stackalloc byte[16];
        vm.TryWriteBytes(new Span<byte>(bytes, 16), bigEndian: true, out _);
        return NativeMethods.DomainLookupByUuid(connection, bytes);
    }

    /// <summary>Gives a domain.</summary>
    /// <param name="vm">The UUID.</param>
    /// <returns>The domain, which stays this list's. It may have gone since it was looked up: the next call about it says so.</returns>
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

    /// <summary>Keeps a domain that came with a list.</summary>
    /// <param name="vm">The UUID.</param>
    /// <param name="domain">The pointer, which stays the caller's.</param>
    public void Keep(Guid vm, nint domain)
    {
        if (!_domains.ContainsKey(vm) && NativeMethods.DomainRef(domain) == 0)
        {
            Keep(vm, new DomainHandle(domain));
        }
    }

    /// <inheritdoc/>
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
