using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using VirtMigrate.Hosts;
using VirtMigrate.Libvirt.Native;
using VirtMigrate.Options;
using VirtMigrate.Xml;

namespace VirtMigrate.Libvirt;

/// <summary>One host over connections of libvirt's C API: a few for looks and control, and one for each migration.</summary>
/// <remarks>
/// What only looks takes one call over a connection, unless a comment says otherwise; a question of one VM takes one more the first time
/// that this VM is asked about, unless its definition was read before.
/// </remarks>
internal sealed class LibvirtHypervisor : IHypervisor
{
    private const uint AbortPostCopy = 1 << 0;
    private const uint MaxSpeedPostCopy = 1 << 0;
    private const uint DirtyRateBitmap = 1 << 0;
    private const uint DirtyRateRing = 1 << 1;
    private const long MiB = 1024 * 1024;

    private readonly ConnectionPool<LibvirtConnection> _connections;
    private readonly LibvirtEvents _events = new();
    private readonly LibvirtJobs _jobs;
    private readonly LibvirtMigrationConnections _migrationConnections;

    /// <summary>Makes it for a host that was asked who it is.</summary>
    public LibvirtHypervisor(HostAddress address, HostCredential? credential, ConnectionHandle connection, VmHost host)
    {
        Address = address;
        Host = host;
        _connections = new(address, Connect(connection), () => Connect(LibvirtConnector.Open(address, credential)), TimeProvider.System);
        _jobs = new(address);
        _migrationConnections = new(address, credential);

        LibvirtConnection Connect(ConnectionHandle opened) => new(opened, address, host, _events);
    }

    public HostAddress Address { get; }

    public VmHost Host { get; }

    public bool IsAlive => _connections.IsAlive;

    public bool MigrationOutlivesClient => false;

    public Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken) =>
        WithMonitorsAsync((connection, monitors) => connection.Reader.ReadAll(monitors), cancellationToken);

    public Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken) =>
        LookAsync(connection => Find(connection, NativeMethods.DomainLookupByName(connection.Handle, name)), cancellationToken);

    public Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken) =>
        LookAsync(connection => Find(connection, LibvirtDomains.Lookup(connection.Handle, uuid)), cancellationToken);

    public Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken) =>
        LookAsync(connection => LibvirtHostReader.ReadAvailableMemory(connection.Handle, Address), cancellationToken);

    // Takes one call, and one for each VM.
    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync(
        IReadOnlyCollection<Guid> vms, CancellationToken cancellationToken) =>
        ListAsync(connection => Inspector(connection).ReadDefinitions(vms), cancellationToken);

    // Takes one call, one for each VM, and one more for each that runs.
    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken) =>
        ListAsync(connection => Inspector(connection).ListDefinitions(), cancellationToken);

    // Takes three calls, however many VMs there are. A QEMU that does not answer its monitor leaves memory, images and dirty rates unknown.
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync(CancellationToken cancellationToken) =>
        WithMonitorsAsync((connection, monitors) => Inspector(connection).Inspect(monitors), cancellationToken);

    public Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) => LookAsync(vm, domain =>
    {
        var count = NativeMethods.DomainSnapshotNum(domain, 0);
        return Check(count) ? count : 0;
    }, cancellationToken);

    // Takes one call, and one for each disk.
    public Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync(
        Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => _jobs.ReadBlockJobs(domain, targets), cancellationToken);

    public Task<HostCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken) =>
        ListAsync(connection => LibvirtHostReader.ReadCapabilities(connection.Handle, Address), cancellationToken);

    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken) =>
        ListAsync(connection => LibvirtHostReader.ReadDomainCapabilities(connection.Handle, kind, Address), cancellationToken);

    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken) =>
        ListAsync(connection => LibvirtHostReader.CompareCpu(connection.Handle, kind, cpu, Address), cancellationToken);

    // Takes two calls, and one for each network.
    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken) =>
        ListAsync(connection => new LibvirtNetworkReader(connection.Handle, Address).ListNetworks(), cancellationToken);

    // Takes two calls, and one for each interface that is no guest's; two for one whose name has other characters than letters and digits.
    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken) =>
        ListAsync(connection => new LibvirtNetworkReader(connection.Handle, Address).ListInterfaces(), cancellationToken);

    // Takes two calls, and one for each pool.
    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync(CancellationToken cancellationToken) =>
        ListAsync(connection => new LibvirtStorageReader(connection.Handle, Address).ReadPools(), cancellationToken);

    // Takes two calls, three with a refresh; one more for each volume whose key is not its path, as of logical volumes.
    public Task<IReadOnlySet<string>> ListVolumePathsAsync(string pool, bool refresh, CancellationToken cancellationToken) =>
        ListAsync(connection => new LibvirtStorageReader(connection.Handle, Address).ListVolumePaths(pool, refresh), cancellationToken);

    // Takes two calls, and one for each volume.
    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool, CancellationToken cancellationToken) =>
        ListAsync(connection => new LibvirtStorageReader(connection.Handle, Address).ReadVolumes(pool), cancellationToken);

    // Takes three calls; one where there is no such volume.
    public Task<StorageVolume?> FindVolumeAsync(string path, CancellationToken cancellationToken) =>
        LookAsync(connection => new LibvirtStorageReader(connection.Handle, Address).Find(path), cancellationToken);

    public Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) =>
        ListAsync(connection => LibvirtHostReader.ListSecrets(connection.Handle, Address), cancellationToken);

    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken) =>
        LookAsync(connection => LibvirtHostReader.ReadFreePages(connection.Handle, sizes, cells, Address), cancellationToken);

    // Takes six calls, one more where the mode is not page sampling, and one for each further look whether the figure is there: every five
    // seconds while it can't be.
    public async Task<DirtyRateReading> MeasureDirtyRateAsync(
        Guid vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        await LookAsync(vm, domain => RefuseMode(domain, mode), cancellationToken).ConfigureAwait(false);
        var meter = new DirtyRateMeter(
            Address,
            ct => LookAsync(vm, ReadDirtyRate, ct),
            (seconds, ct) => ChangeAsync(vm, domain => StartDirtyRate(domain, seconds, mode), ct),
            TimeProvider.System);
        return await meter.MeasureAsync(period, mode, cancellationToken).ConfigureAwait(false);
    }

    public Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken) =>
        LookAsync(vm, _jobs.ReadPresent, cancellationToken);

    public Task<JobStatistics?> GetCompletedJobAsync(Guid vm, CancellationToken cancellationToken) =>
        LookAsync(vm, _jobs.ReadCompleted, cancellationToken);

    public async Task MigrateAsync(Guid vm, IHypervisor destination, MigrationOptionSet options, CancellationToken cancellationToken)
    {
        // Either the migration begins or the call is abandoned: who comes first decides.
        var call = NativeCall.Start(
            Address, self => Migrate(vm, destination, options, self), HostDeadlines.Prepare, TimeProvider.System);
        using var cancelling = cancellationToken.Register(() => call.Abandon(new OperationCanceledException(cancellationToken)));
        await call.Task.ConfigureAwait(false);
    }

    public Task AbortJobAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainAbortJob(domain)), cancellationToken, isUrgent: true);

    public Task AbortPostCopyAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainAbortJobFlags(domain, AbortPostCopy)), cancellationToken, isUrgent: true);

    public Task StartPostCopyAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateStartPostCopy(domain, 0)), cancellationToken, isUrgent: true);

    public Task SuspendVmAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainSuspend(domain)), cancellationToken);

    public Task SetAutostartAsync(Guid vm, bool isOn, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainSetAutostart(domain, isOn ? 1 : 0)), cancellationToken);

    public Task<TimeSpan> GetMaxDowntimeAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain =>
        {
            Check(NativeMethods.DomainMigrateGetMaxDowntime(domain, out var milliseconds, 0));
            return ClampedTimeSpan.FromMilliseconds(milliseconds);
        }, cancellationToken);

    public Task SetMaxDowntimeAsync(Guid vm, TimeSpan limit, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateSetMaxDowntime(domain, (ulong)limit.TotalMilliseconds, 0)),
            cancellationToken);

    public Task SetBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        SetMaxSpeedAsync(vm, bytesPerSecond, 0, cancellationToken);

    public Task SetPostCopyBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        SetMaxSpeedAsync(vm, bytesPerSecond, MaxSpeedPostCopy, cancellationToken);

    public Task SetCompressionCacheAsync(Guid vm, long bytes, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateSetCompressionCache(domain, (ulong)bytes, 0)), cancellationToken);

    public Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken) =>
        LookAsync(vm, ReadDefinition, cancellationToken);

    public IDisposable Subscribe(Action<DomainEvent> listener) => Subscribe(null, listener);

    public IDisposable Subscribe(Guid vm, Action<DomainEvent> listener) => Subscribe((Guid?)vm, listener);

    public async ValueTask DisposeAsync()
    {
        _events.End();
        _migrationConnections.Dispose();
        await _connections.DisposeAsync().ConfigureAwait(false);
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "It runs on a thread of its own, has a deadline, and comes back to nobody's thread.")]
    private IDisposable Subscribe(Guid? vm, Action<DomainEvent> listener)
    {
        var subscription = _events.Subscribe(vm, listener);
        if (!_events.NeedsConnection)
        {
            return subscription;
        }

        try
        {
            // Whoever listens begins something next, and is to hear of it from the start.
            _connections.RunAsync(_ => true, HostDeadlines.Events, isUrgent: false, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (HypervisorException)
        {
            // The next call that gets through asks for events as well; until then statistics alone are watched.
        }

        return subscription;
    }

    private Task<T> LookAsync<T>(Func<LibvirtConnection, T> call, CancellationToken cancellationToken) =>
        _connections.RunAsync(call, HostDeadlines.Look, isUrgent: false, cancellationToken);

    private Task<T> LookAsync<T>(Guid vm, Func<DomainHandle, T> call, CancellationToken cancellationToken) =>
        LookAsync(connection => call(connection.Domain(vm)), cancellationToken);

    private Task<T> ListAsync<T>(Func<LibvirtConnection, T> call, CancellationToken cancellationToken) =>
        _connections.RunAsync(call, HostDeadlines.List, isUrgent: false, cancellationToken);

    private Task<T> ChangeAsync<T>(Guid vm, Func<DomainHandle, T> call, CancellationToken cancellationToken, bool isUrgent = false) =>
        _connections.RunAsync(connection => call(connection.Domain(vm)), HostDeadlines.Change, isUrgent, cancellationToken);

    private Task<T> WithMonitorsAsync<T>(Func<LibvirtConnection, bool, T> read, CancellationToken cancellationToken) =>
        MonitorTimeout.ReadAsync((monitors, ct) => ListAsync(connection => read(connection, monitors), ct), cancellationToken);

    private Task<bool> SetMaxSpeedAsync(Guid vm, long bytesPerSecond, uint flags, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateSetMaxSpeed(
            domain, new CULong((nuint)Math.Max(1, bytesPerSecond / MiB)), flags)), cancellationToken);

    private unsafe string ReadDefinition(DomainHandle domain) =>
        NativeText.Take(NativeMethods.DomainGetXmlDesc(domain, 0)) ?? throw LibvirtErrors.LastException(Address);

    private LibvirtVmInspector Inspector(LibvirtConnection connection) => new(connection.Handle, Address, connection.Domains);

    private bool RefuseMode(DomainHandle domain, DirtyRateMode mode) => mode == DirtyRateMode.PageSampling
        || DirtyRateModes.FindObstacle(Host, new DomainDefinition(ReadDefinition(domain)).DomainType, mode) is not { } obstacle
            ? true
            : throw new HypervisorNotSupportedException(obstacle, Address);

    private DirtyRateStatus ReadDirtyRate(DomainHandle domain)
    {
        using var statistics = LibvirtStatistics.Of(
            domain, LibvirtStatistics.StateGroup | LibvirtStatistics.BalloonGroup | LibvirtStatistics.DirtyRateGroup, Address);
        return DirtyRateStatistics.ReadOfRunning(statistics.Count == 0 ? [] : statistics[0], Address);
    }

    private bool StartDirtyRate(DomainHandle domain, int seconds, DirtyRateMode mode)
    {
        DirtyRateMeter.RefuseBusy(_jobs.ReadPresent(domain), Address);
        var flags = mode switch
        {
            DirtyRateMode.DirtyBitmap => DirtyRateBitmap,
            DirtyRateMode.DirtyRing => DirtyRateRing,
            _ => 0U,
        };
        return NativeMethods.DomainStartDirtyRateCalc(domain, seconds, flags) >= 0
            || DirtyRateMeter.FalseIfMeasuring(LibvirtErrors.LastException(Address), Address);
    }

    private unsafe bool Migrate(Guid vm, IHypervisor destination, MigrationOptionSet options, NativeCall self)
    {
        using var source = _migrationConnections.Rent();
        using var domain = LibvirtDomains.Lookup(source.Connection, vm);
        if (domain.IsInvalid)
        {
            throw LibvirtErrors.LastException(Address);
        }

        using var parameters = new LibvirtMigrationParameters(options);
        var flags = (uint)options.Flags;
        if (options.Has(MigrationOptions.PeerToPeer) || options.Has(MigrationOptions.Direct))
        {
            self.Begin();
            return Check(NativeMethods.DomainMigrateToUri3(domain, destination.Address.Uri, parameters.Pointer, parameters.Count, flags));
        }

        // A destination that is reached in another way otherwise is reached in this one for the migration.
        using var own = destination is LibvirtHypervisor ? null : new LibvirtMigrationConnections(destination.Address, credential: null);
        using var target = (own ?? ((LibvirtHypervisor)destination)._migrationConnections).Rent();
        self.Begin();
        using var moved = NativeMethods.DomainMigrate3(domain, target.Connection, parameters.Pointer, parameters.Count, flags);
        return moved.IsInvalid ? throw LibvirtErrors.LastException(Address) : true;
    }

    private Vm? Find(LibvirtConnection connection, DomainHandle domain)
    {
        using (domain)
        {
            if (!domain.IsInvalid)
            {
                return connection.Reader.Read(domain);
            }

            var exception = LibvirtErrors.LastException(Address);
            return exception is VmNotFoundException ? null : throw exception;
        }
    }

    private bool Check(int status) => status >= 0 ? true : throw LibvirtErrors.LastException(Address);
}
