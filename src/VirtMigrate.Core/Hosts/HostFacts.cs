using System.Collections.Concurrent;
using VirtMigrate.Xml;

namespace VirtMigrate.Hosts;

/// <summary>What is known of one host. Each question is put to it once, however many VMs it concerns.</summary>
/// <remarks>A host that can't be asked answers each question with the exception that says why.</remarks>
internal sealed class HostFacts
{
    private const int BusyPoolTries = 20;
    private static readonly TimeSpan BusyPoolPause = TimeSpan.FromMilliseconds(500);

    // What the host is like lasts; what is free on it is counted down by a batch; the rest is as of now.
    private readonly FactCache _lasting;
    private readonly FactCache _capacity;
    private readonly FactCache _passing = new();
    private readonly FactCache _opened = new();
    private readonly Func<CancellationToken, Task<IHostInspection>> _open;
    private readonly IReadOnlyCollection<Guid> _vms;
    private readonly CancellationToken _cancellationToken;

    /// <summary>Makes the facts of a host that nothing is known of yet.</summary>
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
        FactCache lasting,
        FactCache capacity,
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

    /// <summary>Runs commands on the host; null where its address leads to no shell.</summary>
    public IHostShell? Shell { get; init; }

    /// <summary>The host's own view of the network; null where it can't be asked.</summary>
    public INetworkProbe? Probe { get; init; }

    /// <summary>The host as it describes itself.</summary>
    public Task<VmHost> GetHostAsync() => LastingAsync(nameof(GetHostAsync), (h, _) => Task.FromResult(h.Host));

    /// <summary>What the host can do and is made of.</summary>
    public Task<HostCapabilities> GetCapabilitiesAsync() =>
        LastingAsync(nameof(GetCapabilitiesAsync), (h, ct) => h.GetCapabilitiesAsync(ct));

    /// <summary>What guests of one kind can have on the host.</summary>
    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind) =>
        LastingAsync((nameof(GetDomainCapabilitiesAsync), kind), (h, ct) => h.GetDomainCapabilitiesAsync(kind, ct));

    /// <summary>How a guest's processor compares with the one that the host's hypervisor can give.</summary>
    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu) =>
        LastingAsync((nameof(CompareCpuAsync), kind, cpu), (h, ct) => h.CompareCpuAsync(kind, cpu, ct));

    /// <summary>The host's virtual networks.</summary>
    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync() =>
        LastingAsync(nameof(ListNetworksAsync), (h, ct) => h.ListNetworksAsync(ct));

    /// <summary>The host's network interfaces.</summary>
    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync() =>
        LastingAsync(nameof(ListInterfacesAsync), (h, ct) => h.ListInterfacesAsync(ct));

    /// <summary>The host's storage pools.</summary>
    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync() =>
        CapacityAsync(nameof(ListStoragePoolsAsync), (h, ct) => h.ListStoragePoolsAsync(ct));

    /// <summary>A pool after the host looked at it again, with the room that it has now.</summary>
    /// <returns>The pool; null where the host has it no more.</returns>
    public Task<StoragePool?> RenewPoolAsync(string pool) => CapacityAsync((nameof(RenewPoolAsync), pool), async (h, ct) =>
    {
        try
        {
            await ListVolumePathsAsync(pool).ConfigureAwait(false);
        }
        catch (HypervisorException)
        {
            // What it knew before is next to what is true.
        }

        var pools = await h.ListStoragePoolsAsync(ct).ConfigureAwait(false);
        return pools.FirstOrDefault(p => string.Equals(p.Name, pool, StringComparison.Ordinal));
    });

    /// <summary>
    /// The paths of the volumes of a pool. A pool remembers what was there when somebody last looked, and can't look again while it makes a
    /// volume, so that this waits for it for a while.
    /// </summary>
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
    /// <returns>The volume; null where no active pool has it.</returns>
    public Task<StorageVolume?> FindVolumeAsync(string path) =>
        PassingAsync((nameof(FindVolumeAsync), path), (h, ct) => h.FindVolumeAsync(path, ct));

    /// <summary>Every volume of a pool, as the pool knows it.</summary>
    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool) =>
        PassingAsync((nameof(ListVolumesAsync), pool), (h, ct) => h.ListVolumesAsync(pool, ct));

    /// <summary>The UUIDs of the secrets that the host keeps.</summary>
    public Task<IReadOnlySet<Guid>> ListSecretsAsync() =>
        LastingAsync(nameof(ListSecretsAsync), (h, ct) => h.ListSecretsAsync(ct));

    /// <summary>The free pages of all sizes that the host can give.</summary>
    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync() => CapacityAsync<IReadOnlyList<FreePages>>(nameof(GetFreePagesAsync), async (h, ct) =>
    {
        var capabilities = await GetCapabilitiesAsync().ConfigureAwait(false);
        return capabilities.PageSizes is { Count: > 0 } sizes
            ? await h.GetFreePagesAsync(sizes, capabilities.CellCount, ct).ConfigureAwait(false)
            : [];
    });

    /// <summary>How much memory new VMs can take, in bytes.</summary>
    public Task<long> GetAvailableMemoryAsync() =>
        CapacityAsync(nameof(GetAvailableMemoryAsync), (h, ct) => h.GetAvailableMemoryAsync(ct));

    /// <summary>Every VM of the host.</summary>
    public Task<IReadOnlyList<Vm>> ListVmsAsync() => PassingAsync(nameof(ListVmsAsync), (h, ct) => h.ListVmsAsync(ct));

    /// <summary>What the host tells of each VM when it is asked for all.</summary>
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync() =>
        PassingAsync(nameof(InspectVmsAsync), (h, ct) => h.InspectVmsAsync(ct));

    /// <summary>The definitions of the VMs that are asked about.</summary>
    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync() =>
        PassingAsync(nameof(GetDefinitionsAsync), (h, ct) => h.GetDefinitionsAsync(_vms, ct));

    /// <summary>Every definition that the host has, one or two of each VM.</summary>
    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync() =>
        PassingAsync(nameof(ListDefinitionsAsync), (h, ct) => h.ListDefinitionsAsync(ct));

    /// <summary>Puts a question of one VM to the host, once.</summary>
    public Task<T> AskAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) =>
        PassingAsync(key, ask);

    /// <summary>The same host, of which what can change within minutes is asked again.</summary>
    public HostFacts Renew(IReadOnlyCollection<Guid> vms, bool keepCapacity, CancellationToken cancellationToken)
    {
        var shell = HostShell.Of(Address);
        INetworkProbe? probe = HostShell.IsThisComputer(Address) ? new SocketProbe(Environment.MachineName)
            : shell is null ? null
            : new ShellProbe(Address.HostName, shell.Fresh);
        return new(Address, _open, vms, _lasting, keepCapacity ? _capacity : new(keepsFailures: false), cancellationToken)
        {
            Shell = shell,
            Probe = probe is null ? null : new CachedProbe(probe),
        };
    }

    /// <summary>Looks for a file that libvirt keeps beside a definition and tells nobody of.</summary>
    /// <returns>Whether it is there; null where that can't be seen, as by somebody who may not look into the directory.</returns>
    public async Task<bool?> HasFileAsync(string path, CancellationToken cancellationToken)
    {
        if (Shell is null || !path.StartsWith('/'))
        {
            return null;
        }

        return (await Shell.RunAsync(["test", "-e", path], cancellationToken).ConfigureAwait(false))?.ExitCode switch
        {
            0 => true,
            1 => await Shell.RunAsync(["test", "-x", path[..path.LastIndexOf('/')]], cancellationToken).ConfigureAwait(false) is { ExitCode: 0 }
                ? false
                : null,
            _ => null,
        };
    }

    // What lasts is shared by those who check other VMs at the same time: none of them is to suffer from another who stops, nor from what
    // failed a while ago. Within one check of one host's VMs, what failed is not tried again.
    private Task<T> LastingAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) => SharedAsync(_lasting, key, ask);

    private Task<T> CapacityAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) => SharedAsync(_capacity, key, ask);

    private Task<T> SharedAsync<T>(FactCache store, object key, Func<IHostInspection, CancellationToken, Task<T>> ask) =>
        _passing.GetAsync((store, key), ct => store.GetAsync(key, shared => OpenAndAskAsync(ask, shared), ct), _cancellationToken);

    private Task<T> PassingAsync<T>(object key, Func<IHostInspection, CancellationToken, Task<T>> ask) =>
        _passing.GetAsync(key, ct => OpenAndAskAsync(ask, ct), _cancellationToken);

    private async Task<T> OpenAndAskAsync<T>(Func<IHostInspection, CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        var host = await _opened.GetAsync(nameof(_open), _open, cancellationToken).ConfigureAwait(false);
        return await ask(host, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>What is known of one VM.</summary>
internal sealed class VmFacts(Vm vm, HostFacts host)
{
    /// <summary>The VM as its host sees it now.</summary>
    public Vm Vm { get; } = vm;

    /// <summary>The VM's definition; of a running VM the live one.</summary>
    /// <exception cref="VmNotFoundException">The VM has gone in the meantime.</exception>
    public async Task<DomainDefinition> GetDefinitionAsync() =>
        (await host.GetDefinitionsAsync().ConfigureAwait(false)).GetValueOrDefault(Vm.Uuid)
            ?? throw new VmNotFoundException(Vm.Name, host.Address);

    /// <summary>The VM's definition, where it goes to a destination or has just arrived there, so that its source may have none any more.</summary>
    /// <returns>The definition; null where neither host has one.</returns>
    public async Task<DomainDefinition?> FindDefinitionAsync(HostFacts destination)
    {
        try
        {
            return await GetDefinitionAsync().ConfigureAwait(false);
        }
        catch (VmNotFoundException)
        {
            return (await destination.GetDefinitionsAsync().ConfigureAwait(false)).GetValueOrDefault(Vm.Uuid);
        }
    }

    /// <summary>What the host tells of it when it is asked for all.</summary>
    /// <exception cref="VmNotFoundException">The VM has gone in the meantime.</exception>
    public async Task<VmInspection> InspectAsync() =>
        (await host.InspectVmsAsync().ConfigureAwait(false)).GetValueOrDefault(Vm.Uuid) ?? throw new VmNotFoundException(Vm.Name, host.Address);

    /// <summary>The account of its present job.</summary>
    public Task<JobReading> GetJobAsync() => host.AskAsync((nameof(GetJobAsync), Vm.Uuid), (h, ct) => h.GetJobAsync(Vm.Uuid, ct));

    /// <summary>How many snapshots it has.</summary>
    public async Task<int> CountSnapshotsAsync() => (await InspectAsync().ConfigureAwait(false)).HasSnapshots
        ? await host.AskAsync((nameof(CountSnapshotsAsync), Vm.Uuid), (h, ct) => h.CountSnapshotsAsync(Vm.Uuid, ct)).ConfigureAwait(false)
        : 0;

    /// <summary>The block jobs on its disks.</summary>
    /// <returns>The jobs; null when it can't be told.</returns>
    public async Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync()
    {
        var definition = await GetDefinitionAsync().ConfigureAwait(false);
        string[] targets = [.. definition.Disks.Select(d => d.Target)];
        return targets.Length == 0 || !Vm.Status.IsActive
            ? []
            : await host.AskAsync((nameof(GetBlockJobsAsync), Vm.Uuid), (h, ct) => h.GetBlockJobsAsync(Vm.Uuid, targets, ct)).ConfigureAwait(false);
    }

    /// <summary>Measures its dirty rate.</summary>
    public Task<DirtyRateReading> MeasureDirtyRateAsync(TimeSpan period) =>
        host.AskAsync((nameof(MeasureDirtyRateAsync), Vm.Uuid), (h, ct) => h.MeasureDirtyRateAsync(Vm.Uuid, period, DirtyRateMode.PageSampling, ct));
}

/// <summary>What is known of the hosts of one command, so that what lasts is asked once for all of its VMs.</summary>
internal sealed class HostCache(HostConnections? connections = null)
{
    private readonly ConcurrentDictionary<HostConnection, HostFacts> _hosts = [];
    private readonly ConcurrentDictionary<HostConnection, HypervisorException> _lost = [];

    /// <summary>Gives what is known of a host.</summary>
    public HostFacts Open(HostConnection host, IReadOnlyCollection<Guid> vms, bool keepCapacity, CancellationToken cancellationToken)
    {
        return _hosts.AddOrUpdate(
            host,
            _ => new HostFacts(host.Address, async ct => await host.GetAsync(ct).ConfigureAwait(false), [], cancellationToken)
                .Renew(vms, keepCapacity, cancellationToken),
            (_, known) => known.Renew(vms, keepCapacity, cancellationToken));
    }

    /// <summary>Gives each other host that the session is connected to, to be asked what VMs it has now.</summary>
    public IReadOnlyDictionary<string, HostFacts> OpenOthers(HostConnection host, CancellationToken cancellationToken) =>
        (connections?.Opened ?? []).Where(c => !c.IsSameHost(host)).DistinctBy(c => c.Name, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(c => c.Name, c => new HostFacts(c.Address, ct => OpenOnceAsync(c, ct), [], cancellationToken), StringComparer.OrdinalIgnoreCase);

    private async Task<IHostInspection> OpenOnceAsync(HostConnection host, CancellationToken cancellationToken)
    {
        if (_lost.TryGetValue(host, out var known))
        {
            throw known;
        }

        try
        {
            return await host.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HypervisorException e)
        {
            _lost[host] = e;
            throw;
        }
    }
}
