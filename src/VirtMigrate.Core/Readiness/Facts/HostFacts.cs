using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Facts;

/// <summary>What is known of one host. Each question is put to it once, however many VMs it concerns.</summary>
/// <remarks>A host that can't be asked answers each question with the exception that says why.</remarks>
internal sealed class HostFacts
{
    private const int BusyPoolTries = 20;
    private static readonly TimeSpan BusyPoolPause = TimeSpan.FromMilliseconds(500);

    // What the host is like lasts; what is free on it is counted down by a batch; the rest is as of now.
    private readonly FactStore _lasting;
    private readonly FactStore _capacity;
    private readonly FactStore _passing = new();
    private readonly FactStore _opened = new();
    private readonly Func<CancellationToken, Task<IHostInspection>> _open;
    private readonly IReadOnlyCollection<Guid> _vms;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Makes the facts of a host that nothing is known of yet.</summary>
    /// <param name="address">The host's address.</param>
    /// <param name="open">Opens the host.</param>
    /// <param name="vms">The VMs of this host that will be asked about.</param>
    /// <param name="cancellationToken">Gives up all asking.</param>
    public HostFacts(
        HostAddress address,
        Func<CancellationToken, Task<IHostInspection>> open,
        IReadOnlyCollection<Guid> vms,
        CancellationToken cancellationToken)
        : this(address, open, vms, new(keepsFailures: false), new(keepsFailures: false), cancellationToken)
    {
    }

    private HostFacts(
        HostAddress address,
        Func<CancellationToken, Task<IHostInspection>> open,
        IReadOnlyCollection<Guid> vms,
        FactStore lasting,
        FactStore capacity,
        CancellationToken cancellationToken)
    {
        Address = address;
        _open = open;
        _vms = vms;
        _lasting = lasting;
        _capacity = capacity;
        _cancellationToken = cancellationToken;
    }

    /// <summary>The host's address.</summary>
    public HostAddress Address { get; }

    /// <summary>The host as it describes itself.</summary>
    /// <returns>The host.</returns>
    public Task<VmHost> GetHostAsync() => LastingAsync(nameof(GetHostAsync), (h, _) => Task.FromResult(h.Host));

    /// <summary>What the host can do and is made of.</summary>
    /// <returns>The capabilities.</returns>
    public Task<HostCapabilities> GetCapabilitiesAsync() =>
        LastingAsync(nameof(GetCapabilitiesAsync), (h, ct) => h.GetCapabilitiesAsync(ct));

    /// <summary>What guests of one kind can have on the host.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>The capabilities.</returns>
    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind) =>
        LastingAsync((nameof(GetDomainCapabilitiesAsync), kind), (h, ct) => h.GetDomainCapabilitiesAsync(kind, ct));

    /// <summary>How a guest's processor compares with the one that the host's hypervisor can give.</summary>
    /// <param name="kind">The kind of guest.</param>
    /// <param name="cpu">The guest's cpu element.</param>
    /// <returns>The verdict.</returns>
    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu) =>
        LastingAsync((nameof(CompareCpuAsync), kind, cpu), (h, ct) => h.CompareCpuAsync(kind, cpu, ct));

    /// <summary>The host's virtual networks.</summary>
    /// <returns>The networks.</returns>
    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync() =>
        LastingAsync(nameof(ListNetworksAsync), (h, ct) => h.ListNetworksAsync(ct));

    /// <summary>The host's network interfaces.</summary>
    /// <returns>The interfaces.</returns>
    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync() =>
        LastingAsync(nameof(ListInterfacesAsync), (h, ct) => h.ListInterfacesAsync(ct));

    /// <summary>The host's storage pools.</summary>
    /// <returns>The pools.</returns>
    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync() =>
        CapacityAsync(nameof(ListStoragePoolsAsync), (h, ct) => h.ListStoragePoolsAsync(ct));

    /// <summary>A pool after the host looked at it again, with the room that it has now.</summary>
    /// <param name="pool">The pool's name; it must be active.</param>
    /// <returns>The pool; null where the host has it no more.</returns>
    public Task<StoragePool?> RenewPoolAsync(string pool) => CapacityAsync((nameof(RenewPoolAsync), pool), async (h, ct) =>
    {
        try
        {
            await h.ListVolumePathsAsync(pool, refresh: true, ct).ConfigureAwait(false);
        }
        catch (HypervisorException)
        {
            // It can't look again while it makes a volume; what it knew before is next to what is true.
        }

        var pools = await h.ListStoragePoolsAsync(ct).ConfigureAwait(false);
        return pools.FirstOrDefault(p => string.Equals(p.Name, pool, StringComparison.Ordinal));
    });

    /// <summary>
    /// The paths of the volumes of a pool. A pool remembers what was there when somebody last looked, and can't look again while it makes a
    /// volume, so that this waits for it for a while.
    /// </summary>
    /// <param name="pool">The pool's name.</param>
    /// <returns>The paths, and whether the pool was looked at again, so that what is not among them is not there.</returns>
    public Task<(IReadOnlySet<string> Paths, bool IsFresh)> ListVolumePathsAsync(string pool) => PassingAsync((nameof(ListVolumePathsAsync), pool), async (h, ct) =>
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                return (await h.ListVolumePathsAsync(pool, refresh: true, ct).ConfigureAwait(false), true);
            }
            catch (HypervisorException e) when (e is not HostConnectionLostException)
            {
                if (tries == BusyPoolTries || !e.Message.Contains("asynchronous jobs", StringComparison.Ordinal))
                {
                    return (await h.ListVolumePathsAsync(pool, refresh: false, ct).ConfigureAwait(false), false);
                }

                await Task.Delay(BusyPoolPause, ct).ConfigureAwait(false);
            }
        }
    });

    /// <summary>A volume.</summary>
    /// <param name="path">Its path.</param>
    /// <returns>The volume; null where no active pool has it.</returns>
    public Task<StorageVolume?> FindVolumeAsync(string path) =>
        PassingAsync((nameof(FindVolumeAsync), path), (h, ct) => h.FindVolumeAsync(path, ct));

    /// <summary>Every volume of a pool, as the pool knows it.</summary>
    /// <param name="pool">The pool's name; it must be active.</param>
    /// <returns>The volumes.</returns>
    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool) =>
        PassingAsync((nameof(ListVolumesAsync), pool), (h, ct) => h.ListVolumesAsync(pool, ct));

    /// <summary>The UUIDs of the secrets that the host keeps.</summary>
    /// <returns>The UUIDs.</returns>
    public Task<IReadOnlySet<Guid>> ListSecretsAsync() =>
        LastingAsync(nameof(ListSecretsAsync), (h, ct) => h.ListSecretsAsync(ct));

    /// <summary>The free pages of all sizes that the host can give.</summary>
    /// <returns>One entry for each cell and size.</returns>
    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync() => CapacityAsync<IReadOnlyList<FreePages>>(nameof(GetFreePagesAsync), async (h, ct) =>
    {
        var capabilities = await GetCapabilitiesAsync().ConfigureAwait(false);
        return capabilities.PageSizes is { Count: > 0 } sizes
            ? await h.GetFreePagesAsync(sizes, capabilities.CellCount, ct).ConfigureAwait(false)
            : [];
    });

    /// <summary>How much memory new VMs can take, in bytes.</summary>
    /// <returns>Bytes.</returns>
    public Task<long> GetAvailableMemoryAsync() =>
        CapacityAsync(nameof(GetAvailableMemoryAsync), (h, ct) => h.GetAvailableMemoryAsync(ct));

    /// <summary>Every VM of the host.</summary>
    /// <returns>The VMs.</returns>
    public Task<IReadOnlyList<Vm>> ListVmsAsync() => PassingAsync(nameof(ListVmsAsync), (h, ct) => h.ListVmsAsync(ct));

    /// <summary>What the host tells of each VM when it is asked for all.</summary>
    /// <returns>By the VMs' UUIDs.</returns>
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync() =>
        PassingAsync(nameof(InspectVmsAsync), (h, ct) => h.InspectVmsAsync(ct));

    /// <summary>The definitions of the VMs that are asked about.</summary>
    /// <returns>By the VMs' UUIDs.</returns>
    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync() =>
        PassingAsync(nameof(GetDefinitionsAsync), (h, ct) => h.GetDefinitionsAsync(_vms, ct));

    /// <summary>Every definition that the host has, one or two of each VM.</summary>
    /// <returns>The definitions.</returns>
    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync() =>
        PassingAsync(nameof(ListDefinitionsAsync), (h, ct) => h.ListDefinitionsAsync(ct));

    /// <summary>Puts a question of one VM to the host, once.</summary>
    /// <typeparam name="T">The answer.</typeparam>
    /// <param name="key">What is asked.</param>
    /// <param name="ask">Asks.</param>
    /// <returns>The answer.</returns>
    public Task<T> AskAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) =>
        PassingAsync(key, ask);

    /// <summary>The same host, of which what can change within minutes is asked anew.</summary>
    /// <param name="vms">The VMs of this host that will be asked about.</param>
    /// <param name="keepCapacity">
    /// Whether what is free stays as it was, since VMs that were counted against it are on their way and have taken a part of it.
    /// </param>
    /// <param name="cancellationToken">Gives up all asking.</param>
    /// <returns>New facts that share what lasts.</returns>
    public HostFacts Renew(IReadOnlyCollection<Guid> vms, bool keepCapacity, CancellationToken cancellationToken) =>
        new(Address, _open, vms, _lasting, keepCapacity ? _capacity : new(keepsFailures: false), cancellationToken);

    // What lasts is shared by those who check other VMs at the same time: none of them is to suffer from another who stops, nor from what
    // failed a while ago. Within one check of one host's VMs, what failed is not tried again.
    private Task<T> LastingAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) => SharedAsync(_lasting, key, ask);

    private Task<T> CapacityAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) => SharedAsync(_capacity, key, ask);

    private Task<T> SharedAsync<T>(FactStore store, object key, Func<IHostInspection, CancellationToken, Task<T>> ask) =>
        _passing.GetAsync((store, key), ct => store.GetAsync(key, shared => OpenAndAskAsync(ask, shared), ct), _cancellationToken);

    private Task<T> PassingAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) =>
        _passing.GetAsync(key, ct => OpenAndAskAsync(ask, ct), _cancellationToken);

    private async Task<T> OpenAndAskAsync<T>(Func<IHostInspection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var host = await _opened.GetAsync(nameof(_open), _open, cancellationToken).ConfigureAwait(false);
        return await ask(host, cancellationToken).ConfigureAwait(false);
    }
}
