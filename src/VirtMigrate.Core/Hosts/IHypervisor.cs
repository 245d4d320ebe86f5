using VirtMigrate.Options;

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
