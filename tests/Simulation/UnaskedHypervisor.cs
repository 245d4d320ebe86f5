using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Simulation;

/// <summary>The part of a host that a migration under way never asks.</summary>
internal abstract class UnaskedHypervisor
{
    private const string Sentence = "A migration never asks a host for this, so that simulated hosts have no answer.";

    public Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync(IReadOnlyCollection<Guid> vms, CancellationToken cancellationToken) =>
        throw new NotSupportedException(Sentence);

    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync(Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken) =>
        throw new NotSupportedException(Sentence);

    public Task<HostCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlySet<string>> ListVolumePathsAsync(string pool, bool refresh, CancellationToken cancellationToken) =>
        throw new NotSupportedException(Sentence);

    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool, CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<StorageVolume?> FindVolumeAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) => throw new NotSupportedException(Sentence);

    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken) =>
        throw new NotSupportedException(Sentence);

    public Task<DirtyRateReading> MeasureDirtyRateAsync(Guid vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken) =>
        throw new NotSupportedException(Sentence);
}
