using VirtMigrate.Options;
using VirtMigrate.Xml;

namespace VirtMigrate.Hosts;

/// <summary>
/// One host over one connection. All that the module knows of a host, it asks here; what stands above works with any transport.
/// What only looks is <see cref="IHostInspection"/>'s.
/// </summary>
/// <remarks>
/// Calls may be made from any thread and side by side. A call that the host refuses throws a
/// <see cref="HypervisorException"/> of the kind that fits. A cancelled call leaves at once, even if the host never answers.
/// </remarks>
internal interface IHypervisor : IHostInspection, IAsyncDisposable
{
    /// <summary>Whether the connection still stands, as far as the client can tell without asking (virConnectIsAlive).</summary>
    bool IsAlive { get; }

    /// <summary>
    /// Whether a migration that is not peer-to-peer goes on when this side loses sight of it, since its client runs elsewhere.
    /// </summary>
    bool MigrationOutlivesClient { get; }

    /// <summary>Reads the statistics of the VM's last ended job, leaving it in place (VIR_DOMAIN_JOB_STATS_KEEP_COMPLETED).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The statistics; null when the host keeps none.</returns>
    Task<JobStatistics?> GetCompletedJobAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>Moves a VM and returns when libvirt says that it has moved (virDomainMigrate3, virDomainMigrateToURI3).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="destination">The host to move it to; its address has to lead there from where the migration's client runs.</param>
    /// <param name="options">The options of the migration.</param>
    /// <param name="cancellationToken">
    /// Asked for the last time immediately before libvirt is called. A call that has not begun then never begins, and the task is cancelled at
    /// once, whatever it waits for. A call that has begun takes no notice of it.
    /// </param>
    /// <returns>
    /// A task that ends with the migration. It is ended early by <see cref="AbortJobAsync"/>, never by abandoning it. It is cancelled only where
    /// nothing has reached a host.
    /// </returns>
    Task MigrateAsync(Guid vm, IHypervisor destination, MigrationOptionSet options, CancellationToken cancellationToken);

    /// <summary>Asks the source to end the VM's job and to take the guest back (virDomainAbortJob).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken the request.</returns>
    Task AbortJobAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>
    /// Breaks a post-copy migration off (virDomainAbortJobFlags with VIR_DOMAIN_ABORT_JOB_POSTCOPY). The guest is not taken back: both
    /// halves stay paused until the migration is resumed.
    /// </summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken the request.</returns>
    Task AbortPostCopyAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>
    /// Lets a migration that was begun with post-copy allowed go on in post-copy (virDomainMigrateStartPostCopy): the guest moves over
    /// at once and fetches the rest of its memory.
    /// </summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken the request, which may be before the guest has moved.</returns>
    Task StartPostCopyAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>Stops the guest's processors (virDomainSuspend). A guest that migrates runs again where its migration ends.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the guest is paused.</returns>
    Task SuspendVmAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>
    /// Sets whether the host starts the VM when it boots itself (virDomainSetAutostart). The host must keep a definition of the VM.
    /// </summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="isOn">Whether it is to be started.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken it.</returns>
    Task SetAutostartAsync(Guid vm, bool isOn, CancellationToken cancellationToken);

    /// <summary>Reads the longest downtime that a migration of the VM may cause (virDomainMigrateGetMaxDowntime).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The limit.</returns>
    Task<TimeSpan> GetMaxDowntimeAsync(Guid vm, CancellationToken cancellationToken);

    /// <summary>Sets the longest downtime that a migration of the VM may cause (virDomainMigrateSetMaxDowntime).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="limit">The limit; QEMU takes up to 2,000 seconds.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken the limit.</returns>
    Task SetMaxDowntimeAsync(Guid vm, TimeSpan limit, CancellationToken cancellationToken);

    /// <summary>Sets the highest rate of the VM's migration (virDomainMigrateSetMaxSpeed).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="bytesPerSecond">Bytes per second; libvirt counts in whole MiB/s.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken the limit.</returns>
    Task SetBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken);

    /// <summary>Sets the highest rate of the VM's migration in post-copy (virDomainMigrateSetMaxSpeed with VIR_DOMAIN_MIGRATE_MAX_SPEED_POSTCOPY).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="bytesPerSecond">Bytes per second; libvirt counts in whole MiB/s.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken the limit.</returns>
    Task SetPostCopyBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken);

    /// <summary>Sets the size of the cache that XBZRLE compression compares pages with (virDomainMigrateSetCompressionCache).</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="bytes">Bytes; QEMU rounds to a power of two.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>A task that ends when the host has taken the size.</returns>
    Task SetCompressionCacheAsync(Guid vm, long bytes, CancellationToken cancellationToken);

    /// <summary>Listens to what happens to the host's VMs (virConnectDomainEventRegisterAny).</summary>
    /// <param name="listener">Called on the transport's own thread; must return quickly.</param>
    /// <returns>Ends the listening when disposed.</returns>
    IDisposable Subscribe(Action<DomainEvent> listener);

    /// <summary>Listens to the events of one VM. Those of others cost nothing.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="listener">Called on a thread of libvirt or of the pool; must return quickly.</param>
    /// <returns>Stops listening when disposed.</returns>
    IDisposable Subscribe(Guid vm, Action<DomainEvent> listener) => Subscribe(happened =>
    {
        if (happened.Vm == vm)
        {
            listener(happened);
        }
    });

    /// <summary>Listens to the events of one VM, where the host may not answer the first request for its events.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="listener">Called on a thread of libvirt or of the pool; must return quickly.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Stops listening when disposed.</returns>
    Task<IDisposable> SubscribeAsync(Guid vm, Action<DomainEvent> listener, CancellationToken cancellationToken) =>
        Task.Run(() => Subscribe(vm, listener), cancellationToken).WaitAsync(cancellationToken);
}

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
