using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Xml;

namespace VirtMigrate.Tests.Readiness;

/// <summary>A host of which a test says what it answers. What was not said can't be asked.</summary>
internal sealed class KnownHost(VmHost host) : IHostInspection
{
    public HostAddress Address { get; } = HostAddress.Parse(host.Uri);

    public VmHost Host { get; } = host;

    public List<Vm> Vms { get; } = [];

    public Dictionary<Guid, string> Definitions { get; } = [];

    public Dictionary<Guid, VmInspection> Inspections { get; } = [];

    public Dictionary<Guid, int> Snapshots { get; } = [];

    public Dictionary<Guid, IReadOnlyList<BlockJob>?> BlockJobs { get; } = [];

    public Dictionary<Guid, JobReading> Jobs { get; } = [];

    public Dictionary<Guid, DirtyRateReading> DirtyRates { get; } = [];

    /// <summary>What a measurement gives; where it is not set, <see cref="DirtyRates"/> tell.</summary>
    public Func<TimeSpan, DirtyRateMode, DirtyRateReading>? Measure { get; set; }

    public string? Capabilities { get; set; }

    public Func<GuestKind, string>? DomainCapabilities { get; set; }

    public Func<GuestKind, string, CpuComparison>? Cpu { get; set; }

    public IReadOnlyList<HostNetwork>? Networks { get; set; }

    public IReadOnlyList<HostInterface>? Interfaces { get; set; }

    public IReadOnlyList<StoragePool>? Pools { get; set; }

    public Dictionary<string, IReadOnlySet<string>> VolumePaths { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, StorageVolume> Volumes { get; } = new(StringComparer.Ordinal);

    public IReadOnlySet<Guid>? Secrets { get; set; }

    public IReadOnlyList<FreePages>? FreePages { get; set; }

    public long? AvailableMemory { get; set; }

    public Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<Vm>>(Vms);

    public Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken) => Task.FromResult(Vms.Find(v => string.Equals(v.Name, name, StringComparison.Ordinal)));

    public Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken) => Task.FromResult(Vms.Find(v => v.Uuid == uuid));

    public Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken) => Told(AvailableMemory);

    public Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken) => Told(Jobs, vm);

    public Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken) => Told(Definitions, vm);

    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync(
        IReadOnlyCollection<Guid> vms, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyDictionary<Guid, DomainDefinition>>(
            Definitions.Where(d => vms.Contains(d.Key)).ToDictionary(d => d.Key, d => new DomainDefinition(d.Value)));

    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<DomainDefinition>>([.. Definitions.Values.Select(d => new DomainDefinition(d))]);

    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyDictionary<Guid, VmInspection>>(Inspections);

    public Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) => Told(Snapshots, vm);

    public Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync(
        Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken) => Told(BlockJobs, vm);

    public Task<HostCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new HostCapabilities(Capabilities ?? throw Untold()));

    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken) =>
        Task.FromResult(new DomainCapabilities((DomainCapabilities ?? throw Untold())(kind)));

    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken) =>
        Task.FromResult((Cpu ?? throw Untold())(kind, cpu));

    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken) => Told(Networks);

    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken) => Told(Interfaces);

    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync(CancellationToken cancellationToken) => Told(Pools);

    public HypervisorException? RefreshTrouble { get; set; }

    public Task<IReadOnlySet<string>> ListVolumePathsAsync(string pool, bool refresh, CancellationToken cancellationToken) =>
        refresh && RefreshTrouble is not null ? Task.FromException<IReadOnlySet<string>>(RefreshTrouble) : Told(VolumePaths, pool);

    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<StorageVolume>>([.. Volumes.Values.Where(v => string.Equals(v.Pool, pool, StringComparison.Ordinal))]);

    public Task<StorageVolume?> FindVolumeAsync(string path, CancellationToken cancellationToken) =>
        Task.FromResult(Volumes.GetValueOrDefault(path));

    public Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) => Told(Secrets);

    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken) =>
        Told(FreePages);

    public Task<DirtyRateReading> MeasureDirtyRateAsync(Guid vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken) =>
        Measure is { } measure ? Task.FromResult(measure(period, mode)) : Told(DirtyRates, vm);

    private static Task<T> Told<T>(T? value)
        where T : class => Task.FromResult(value ?? throw Untold());

    private static Task<T> Told<T>(T? value)
        where T : struct => Task.FromResult(value ?? throw Untold());

    private static Task<T> Told<TKey, T>(Dictionary<TKey, T> values, TKey key)
        where TKey : notnull => Task.FromResult(values.TryGetValue(key, out var value) ? value : throw Untold());

    private static HypervisorException Untold() => new("this host was not told what to answer");
}
