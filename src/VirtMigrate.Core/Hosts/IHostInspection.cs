using VirtMigrate.Xml;

namespace VirtMigrate.Hosts;

/// <summary>What a host can be asked without changing anything on it.</summary>
/// <remarks>
/// Calls may be made from any thread and side by side. A call that the host refuses throws a
/// <see cref="HypervisorException"/> of the kind that fits. A cancelled call leaves at once, even if the host never answers.
/// </remarks>
internal interface IHostInspection
{
    /// <summary>The address that the connection was opened with.</summary>
    HostAddress Address { get; }

    /// <summary>The host as it described itself when the connection was opened.</summary>
    VmHost Host { get; }

    /// <summary>Lists every VM, running or not, in a fixed number of calls (virConnectListAllDomains, virConnectGetAllDomainStats).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The VMs in the host's order.</returns>
    Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken);

    /// <summary>Finds one VM by its name (virDomainLookupByName).</summary>
    /// <param name="name">The exact name.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The VM, or null when the host has none of that name.</returns>
    Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken);

    /// <summary>Finds one VM by its UUID (virDomainLookupByUUID).</summary>
    /// <param name="uuid">The UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The VM, or null when the host has none with that UUID.</returns>
    Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken);

    /// <summary>Tells how much memory new VMs can take, in bytes (virNodeGetMemoryStats: free, cached and buffers).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Bytes.</returns>
    Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads the statistics of the VM's present job without waiting for the VM's job lock
    /// (virDomainGetControlInfo, virDomainGetJobStats).
    /// </summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The statistics; null when the VM has no job or its lock is held by somebody else.</returns>
    Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>Reads the VM's definition as it is now (virDomainGetXMLDesc): of a running VM the live one.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The domain XML, without secrets.</returns>
    Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>Reads the definitions of many VMs (virConnectListAllDomains, then virDomainGetXMLDesc once for each): of running VMs the live ones.</summary>
    /// <param name="vms">The VMs' UUIDs.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The definitions of those VMs that the host has.</returns>
    Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync(IReadOnlyCollection<Guid> vms, CancellationToken cancellationToken);

    /// <summary>
    /// Reads every definition that the host has (virConnectListAllDomains, then virDomainGetXMLDesc): of a running VM both the live one and the
    /// one that it is started by the next time (VIR_DOMAIN_XML_INACTIVE).
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The definitions, one or two of each VM.</returns>
    Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Looks at every VM in a fixed number of calls: which have snapshots, checkpoints and a managed save image
    /// (virConnectListAllDomains with VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, _HAS_CHECKPOINT and _MANAGEDSAVE), their disks with the images
    /// behind them, and the last measured dirty rate (virConnectGetAllDomainStats).
    /// </summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>What was seen of each VM.</returns>
    Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync(CancellationToken cancellationToken);

    /// <summary>Counts a VM's snapshots (virDomainSnapshotNum).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The number.</returns>
    Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>
    /// Tells the block jobs that run on a VM's disks (virDomainGetBlockJobInfo, once a disk), without waiting for the VM's job lock
    /// (virDomainGetControlInfo).
    /// </summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="targets">The disks' targets, such as vda.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The jobs; null when the VM's lock is held by somebody else, so that it can't be told.</returns>
    Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync(Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken);

    /// <summary>Reads what the host can do and is made of (virConnectGetCapabilities).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The capabilities.</returns>
    Task<HostCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken);

    /// <summary>Reads what guests of one kind can have on this host (virConnectGetDomainCapabilities).</summary>
    /// <param name="kind">The kind of guest.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The capabilities.</returns>
    /// <exception cref="HypervisorException">The host has no such guests; its message says what is missing.</exception>
    Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken);

    /// <summary>Compares a guest's processor with the one that the hypervisor can give it here (virConnectCompareHypervisorCPU).</summary>
    /// <param name="kind">The kind of guest.</param>
    /// <param name="cpu">The guest's cpu element.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The verdict.</returns>
    Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken);

    /// <summary>Lists the host's virtual networks (virConnectListAllNetworks).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The networks.</returns>
    Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken);

    /// <summary>Lists the host's network interfaces (virConnectListAllNodeDevices with VIR_CONNECT_LIST_NODE_DEVICES_CAP_NET, virConnectListAllInterfaces).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The interfaces that libvirt knows of.</returns>
    /// <exception cref="HypervisorNotSupportedException">The host's libvirt can list none.</exception>
    Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken);

    /// <summary>Lists the host's storage pools (virConnectListAllStoragePools).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The pools.</returns>
    Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync(CancellationToken cancellationToken);

    /// <summary>Lists the paths of a pool's volumes (virStoragePoolListAllVolumes), after having the host look again (virStoragePoolRefresh) if asked.</summary>
    /// <param name="pool">The pool's name; it must be active.</param>
    /// <param name="refresh">Whether the host is to look at the pool's content again before.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The paths.</returns>
    Task<IReadOnlySet<string>> ListVolumePathsAsync(string pool, bool refresh, CancellationToken cancellationToken);

    /// <summary>Reads every volume of a pool as the pool knows it (virStoragePoolListAllVolumes, virStorageVolGetXMLDesc).</summary>
    /// <param name="pool">The pool's name; it must be active.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The volumes.</returns>
    Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool, CancellationToken cancellationToken);

    /// <summary>Finds a volume by its path (virStorageVolLookupByPath, virStorageVolGetXMLDesc).</summary>
    /// <param name="path">The path.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The volume; null where no active pool has it.</returns>
    Task<StorageVolume?> FindVolumeAsync(string path, CancellationToken cancellationToken);

    /// <summary>Lists the UUIDs of the secrets that the host keeps (virConnectListAllSecrets).</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The UUIDs.</returns>
    Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken);

    /// <summary>Tells how many pages of some sizes are free, for each NUMA cell (virNodeGetFreePages).</summary>
    /// <param name="sizes">The page sizes in bytes.</param>
    /// <param name="cells">How many cells the host has; they are numbered from 0.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>One entry for each cell and size.</returns>
    Task<IReadOnlyList<FreePages>> GetFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken);

    /// <summary>
    /// Measures how fast a running VM changes its memory (virDomainStartDirtyRateCalc), and waits for the figure. A VM is measured once at
    /// a time: a measurement that is going on is waited for, and its figure taken if its period and mode are the same.
    /// </summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="period">How long to measure: whole seconds from 1 to 60.</param>
    /// <param name="mode">How to measure.</param>
    /// <param name="cancellationToken">Cancels the wait; the host goes on measuring to the end of the period.</param>
    /// <returns>The figure.</returns>
    /// <exception cref="HypervisorNotSupportedException">The host can't measure, or not this VM in this mode.</exception>
    /// <exception cref="HypervisorException">QEMU found nothing that it could measure.</exception>
    /// <exception cref="VmBusyException">The VM is being migrated, saved, dumped or the like.</exception>
    Task<DirtyRateReading> MeasureDirtyRateAsync(Guid vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken);
}

/// <summary>What a look at a VM's present job found.</summary>
/// <param name="Statistics">The job's statistics; null when there are none to read.</param>
/// <param name="IsHidden">Whether somebody else held the VM's job lock, so that a job may be there unseen.</param>
/// <param name="IsIncoming">Whether the VM is just arriving here; only its source has statistics of that job.</param>
internal readonly record struct JobReading(JobStatistics? Statistics, bool IsHidden = false, bool IsIncoming = false);
