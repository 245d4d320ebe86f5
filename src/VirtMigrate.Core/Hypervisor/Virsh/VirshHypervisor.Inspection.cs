using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Inspection;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Virsh;

/// <content>What only looks. Each remark tells how many runs of virsh an answer costs, as long as its commands fit into one.</content>
internal sealed partial class VirshHypervisor
{
    private VirshVmReader? _vmReader;
    private VirshVmInspector? _vmInspector;

    private VirshVmReader Vms => _vmReader ??= new(_virsh, Host);

    private VirshVmInspector Inspector => _vmInspector ??= new(_virsh);

    private VirshHostInfoReader HostInfo => new(_virsh);

    private VirshStorageReader Storage => new(_virsh);

    /// <inheritdoc/>
    /// <remarks>One; more where the driver does not tell memory and processors in bulk.</remarks>
    public Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken) => Vms.ListAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two; one where there is no such VM.</remarks>
    public Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken) => Vms.FindAsync(name, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken) => Vms.FindAsync(uuid, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken) => HostInfo.ReadAvailableMemoryAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken) => Inspector.ReadDefinitionAsync(vm, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync(
        IReadOnlyCollection<Guid> vms, CancellationToken cancellationToken) => Inspector.ReadDefinitionsAsync(vms, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two.</remarks>
    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken) =>
        Inspector.ListDefinitionsAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One; two where a QEMU or virsh does not tell dirty rates.</remarks>
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync(CancellationToken cancellationToken) =>
        Inspector.InspectAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) => Inspector.CountSnapshotsAsync(vm, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two; up to five where the VM's lock is held.</remarks>
    public Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync(
        Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken) =>
        new VirshBlockJobReader(_virsh).ReadAsync(vm, targets, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<HostCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken) => HostInfo.ReadCapabilitiesAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken) =>
        HostInfo.ReadDomainCapabilitiesAsync(kind, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken) =>
        HostInfo.CompareCpuAsync(kind, cpu, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two.</remarks>
    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken) =>
        new VirshNetworkReader(_virsh).ListAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Up to three.</remarks>
    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken) =>
        new VirshInterfaceReader(_virsh).ListAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two.</remarks>
    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync(CancellationToken cancellationToken) => Storage.ListPoolsAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two.</remarks>
    public Task<IReadOnlySet<string>> ListVolumePathsAsync(string pool, bool refresh, CancellationToken cancellationToken) =>
        Storage.ListVolumePathsAsync(pool, refresh, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Three.</remarks>
    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool, CancellationToken cancellationToken) =>
        Storage.ListVolumesAsync(pool, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<StorageVolume?> FindVolumeAsync(string path, CancellationToken cancellationToken) => Storage.FindAsync(path, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One.</remarks>
    public Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) => HostInfo.ListSecretsAsync(cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One; two where other cells or sizes are asked about than the host's capabilities name.</remarks>
    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken) =>
        HostInfo.ReadFreePagesAsync(sizes, cells, cancellationToken);
}
