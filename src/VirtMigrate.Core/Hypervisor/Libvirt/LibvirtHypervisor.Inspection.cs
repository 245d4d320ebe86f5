using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Libvirt.DirtyRates;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Hypervisor.Libvirt.Readers;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <content>
/// What only looks. Each remark tells how many calls over the connection an answer costs; a question of one VM costs one more the first
/// time that this VM is asked about, unless its definition was read before.
/// </content>
internal sealed partial class LibvirtHypervisor
{
    /// <inheritdoc/>
    /// <remarks>One call, and one for each VM.</remarks>
    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync(
        IReadOnlyCollection<Guid> vms, CancellationToken cancellationToken) =>
        ListAsync(lane => Inspector(lane).ReadDefinitions(vms), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call, one for each VM, and one more for each that runs.</remarks>
    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken) =>
        ListAsync(lane => Inspector(lane).ListDefinitions(), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// Three calls, however many VMs there are. A QEMU that does not answer its monitor leaves memory, images and dirty rates unknown.
    /// </remarks>
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync(CancellationToken cancellationToken) =>
        WithMonitorsAsync((lane, monitors) => Inspector(lane).Inspect(monitors), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call.</remarks>
    public Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) => LookAsync(vm, domain =>
    {
        var count = NativeMethods.DomainSnapshotNum(domain, 0);
        return Check(count) ? count : 0;
    }, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call, and one for each disk.</remarks>
    public Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync(
        Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken) =>
        ChangeAsync<IReadOnlyList<BlockJob>?>(
            vm, domain => LibvirtJobs.IsFree(domain) ? [.. targets.Select(t => ReadBlockJob(domain, t)).OfType<BlockJob>()] : null, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call.</remarks>
    public Task<HostCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken) =>
        ListAsync(lane => LibvirtHostReader.ReadCapabilities(lane.Connection, Address), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call.</remarks>
    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken) =>
        ListAsync(lane => LibvirtHostReader.ReadDomainCapabilities(lane.Connection, kind, Address), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call.</remarks>
    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken) =>
        ListAsync(lane => LibvirtHostReader.CompareCpu(lane.Connection, kind, cpu, Address), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two calls, and one for each network.</remarks>
    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken) =>
        ListAsync(lane => new LibvirtNetworkReader(lane.Connection, Address).Read(), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two calls, and one for each interface that is no guest's; two for one whose name has other characters than letters and digits.</remarks>
    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken) =>
        ListAsync(lane => new LibvirtInterfaceReader(lane.Connection, Address).Read(), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two calls, and one for each pool.</remarks>
    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync(CancellationToken cancellationToken) =>
        ListAsync(lane => new LibvirtStorageReader(lane.Connection, Address).ReadPools(), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two calls, three with a refresh; one more for each volume whose key is not its path, as of logical volumes.</remarks>
    public Task<IReadOnlySet<string>> ListVolumePathsAsync(string pool, bool refresh, CancellationToken cancellationToken) =>
        ListAsync(lane => new LibvirtStorageReader(lane.Connection, Address).ListVolumePaths(pool, refresh), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Two calls, and one for each volume.</remarks>
    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool, CancellationToken cancellationToken) =>
        ListAsync(lane => new LibvirtStorageReader(lane.Connection, Address).ReadVolumes(pool), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Three calls; one where there is no such volume.</remarks>
    public Task<StorageVolume?> FindVolumeAsync(string path, CancellationToken cancellationToken) =>
        LookAsync(lane => new LibvirtStorageReader(lane.Connection, Address).Find(path), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call.</remarks>
    public Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) =>
        ListAsync(lane => LibvirtHostReader.ListSecrets(lane.Connection, Address), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>One call.</remarks>
    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken) =>
        LookAsync(lane => LibvirtHostReader.ReadFreePages(lane.Connection, sizes, cells, Address), cancellationToken);

    /// <inheritdoc/>
    /// <remarks>
    /// Six calls, one more where the mode is not page sampling, and one for each further look whether the figure is there: every five
    /// seconds while it can't be.
    /// </remarks>
    public async Task<DirtyRateReading> MeasureDirtyRateAsync(
        Guid vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        await LookAsync(vm, domain => RefuseMode(domain, mode), cancellationToken).ConfigureAwait(false);
        var rates = new LibvirtDirtyRates(Address, _jobs);
        var meter = new DirtyRateMeter(
            Address,
            ct => LookAsync(vm, rates.Look, ct),
            (seconds, ct) => ChangeAsync(vm, domain => rates.Start(domain, seconds, mode), ct),
            TimeProvider.System);
        return await meter.MeasureAsync(period, mode, cancellationToken).ConfigureAwait(false);
    }

    private LibvirtVmInspector Inspector(LibvirtLane lane) => new(lane.Connection, Address, lane.Domains);

    private bool RefuseMode(DomainHandle domain, DirtyRateMode mode) => mode == DirtyRateMode.PageSampling
        || DirtyRateModes.FindObstacle(Host, new DomainDefinition(ReadDefinition(domain)).DomainType, mode) is not { } obstacle
            ? true
            : throw new HypervisorNotSupportedException(obstacle, Address);

    private BlockJob? ReadBlockJob(DomainHandle domain, string target)
    {
        var found = NativeMethods.DomainGetBlockJobInfo(domain, target, out var info, 0);
        if (found > 0)
        {
            return new(target, BlockJob.Describe(info.Type), (long)info.Position, (long)info.End);
        }

        // A VM that stopped meanwhile has no block jobs any more.
        return found == 0 || LibvirtErrors.Last().Code == LibvirtErrorCode.OperationInvalid ? null : throw LibvirtErrors.LastException(Address);
    }
}
