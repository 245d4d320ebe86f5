using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Libvirt.Calls;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>One host over connections of libvirt's C API: a few for looks and control, and one for each migration.</summary>
internal sealed partial class LibvirtHypervisor : IHypervisor
{
    private const uint AbortPostCopy = 1 << 0;
    private const uint MaxSpeedPostCopy = 1 << 0;
    private const long MiB = 1024 * 1024;

    private readonly CallLanes<LibvirtLane> _lanes;
    private readonly LibvirtEvents _events = new();
    private readonly LibvirtJobs _jobs;
    private readonly LibvirtMigrationConnections _migrationConnections;

    /// <summary>Makes it for a host that was asked who it is.</summary>
    /// <param name="address">The address that it was opened with.</param>
    /// <param name="credential">What to answer when the host asks who is there.</param>
    /// <param name="connection">The connection that opened it; it goes with this object.</param>
    /// <param name="host">The host.</param>
    public LibvirtHypervisor(HostAddress address, HostCredential? credential, ConnectionHandle connection, VmHost host)
    {
        Address = address;
        Host = host;
        _lanes = new(address, Lane(connection), () => Lane(LibvirtConnector.Open(address, credential)), TimeProvider.System);
        _jobs = new(address);
        _migrationConnections = new(address, credential);

        LibvirtLane Lane(ConnectionHandle opened) => new(opened, address, host, _events);
    }

    /// <inheritdoc/>
    public HostAddress Address { get; }

    /// <inheritdoc/>
    public VmHost Host { get; }

    /// <inheritdoc/>
    public bool IsAlive => _lanes.IsAlive;

    /// <inheritdoc/>
    public bool MigrationOutlivesClient => false;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken) =>
        WithMonitorsAsync((lane, monitors) => lane.Reader.ReadAll(monitors), cancellationToken);

    /// <inheritdoc/>
    public Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken) =>
        LookAsync(lane => Find(lane, NativeMethods.DomainLookupByName(lane.Connection, name)), cancellationToken);

    /// <inheritdoc/>
    public Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken) =>
        LookAsync(lane => Find(lane, LibvirtDomains.Lookup(lane.Connection, uuid)), cancellationToken);

    /// <inheritdoc/>
    public Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken) =>
        LookAsync(lane => LibvirtHostReader.ReadAvailableMemory(lane.Connection, Address), cancellationToken);

    /// <inheritdoc/>
    public Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken) =>
        LookAsync(vm, _jobs.ReadPresent, cancellationToken);

    /// <inheritdoc/>
    public Task<JobStatistics?> GetCompletedJobAsync(Guid vm, CancellationToken cancellationToken) =>
        LookAsync(vm, _jobs.ReadCompleted, cancellationToken);

    /// <inheritdoc/>
    public async Task MigrateAsync(Guid vm, IHypervisor destination, MigrationOptionSet options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);

        // Either the migration begins or the call is given up: who comes first decides.
        var call = NativeCall.Start(
            Address, self => Migrate(vm, destination, options, self), HostDeadlines.Prepare, TimeProvider.System);
        using var cancelling = cancellationToken.Register(() => call.Abandon(new OperationCanceledException(cancellationToken)));
        await call.Task.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task AbortJobAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainAbortJob(domain)), cancellationToken, isUrgent: true);

    /// <inheritdoc/>
    public Task AbortPostCopyAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainAbortJobFlags(domain, AbortPostCopy)), cancellationToken, isUrgent: true);

    /// <inheritdoc/>
    public Task StartPostCopyAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateStartPostCopy(domain, 0)), cancellationToken, isUrgent: true);

    /// <inheritdoc/>
    public Task SuspendVmAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainSuspend(domain)), cancellationToken);

    /// <inheritdoc/>
    public Task SetAutostartAsync(Guid vm, bool isOn, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainSetAutostart(domain, isOn ? 1 : 0)), cancellationToken);

    /// <inheritdoc/>
    public Task<TimeSpan> GetMaxDowntimeAsync(Guid vm, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain =>
        {
            Check(NativeMethods.DomainMigrateGetMaxDowntime(domain, out var milliseconds, 0));
            return ClampedTimeSpan.FromMilliseconds(milliseconds);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task SetMaxDowntimeAsync(Guid vm, TimeSpan limit, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateSetMaxDowntime(domain, (ulong)limit.TotalMilliseconds, 0)),
            cancellationToken);

    /// <inheritdoc/>
    public Task SetBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        SetMaxSpeedAsync(vm, bytesPerSecond, 0, cancellationToken);

    /// <inheritdoc/>
    public Task SetPostCopyBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        SetMaxSpeedAsync(vm, bytesPerSecond, MaxSpeedPostCopy, cancellationToken);

    /// <inheritdoc/>
    public Task SetCompressionCacheAsync(Guid vm, long bytes, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateSetCompressionCache(domain, (ulong)bytes, 0)), cancellationToken);

    /// <inheritdoc/>
    public Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken) =>
        LookAsync(vm, ReadDefinition, cancellationToken);

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<DomainEvent> listener) => Subscribe(null, listener);

    /// <inheritdoc/>
    public IDisposable Subscribe(Guid vm, Action<DomainEvent> listener) => Subscribe((Guid?)vm, listener);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _events.End();
        _migrationConnections.Dispose();
        await _lanes.DisposeAsync().ConfigureAwait(false);
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "It runs on a thread of its own, has a deadline, and comes back to nobody's thread.")]
    private IDisposable Subscribe(Guid? vm, Action<DomainEvent> listener)
    {
        var subscription = _events.Subscribe(vm, listener);
        if (!_events.IsHomeless)
        {
            return subscription;
        }

        try
        {
            // Whoever listens begins something next, and is to hear of it from the start.
            _lanes.RunAsync(_ => true, HostDeadlines.Events, isUrgent: false, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (HypervisorException)
        {
            // The next call that gets through asks for events as well; until then statistics alone are watched.
        }

        return subscription;
    }

    private Task<T> LookAsync<T>(Func<LibvirtLane, T> call, CancellationToken cancellationToken) =>
        _lanes.RunAsync(call, HostDeadlines.Look, isUrgent: false, cancellationToken);

    private Task<T> LookAsync<T>(Guid vm, Func<DomainHandle, T> call, CancellationToken cancellationToken) =>
        LookAsync(lane => call(lane.Domain(vm)), cancellationToken);

    private Task<T> ListAsync<T>(Func<LibvirtLane, T> call, CancellationToken cancellationToken) =>
        _lanes.RunAsync(call, HostDeadlines.List, isUrgent: false, cancellationToken);

    private Task<T> ChangeAsync<T>(Guid vm, Func<DomainHandle, T> call, CancellationToken cancellationToken, bool isUrgent = false) =>
        _lanes.RunAsync(lane => call(lane.Domain(vm)), HostDeadlines.Change, isUrgent, cancellationToken);

    private Task<T> WithMonitorsAsync<T>(Func<LibvirtLane, bool, T> read, CancellationToken cancellationToken) =>
        MonitorTimeout.ReadAsync((monitors, ct) => ListAsync(lane => read(lane, monitors), ct), cancellationToken);

    private Task<bool> SetMaxSpeedAsync(Guid vm, long bytesPerSecond, uint flags, CancellationToken cancellationToken) =>
        ChangeAsync(vm, domain => Check(NativeMethods.DomainMigrateSetMaxSpeed(
            domain, new CULong((nuint)Math.Max(1, bytesPerSecond / MiB)), flags)), cancellationToken);

    private unsafe string ReadDefinition(DomainHandle domain) =>
        NativeText.Take(NativeMethods.DomainGetXmlDesc(domain, 0)) ?? throw LibvirtErrors.LastException(Address);

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

    private Vm? Find(LibvirtLane lane, DomainHandle domain)
    {
        using (domain)
        {
            if (!domain.IsInvalid)
            {
                return lane.Reader.Read(domain);
            }

            var exception = LibvirtErrors.LastException(Address);
            return exception is VmNotFoundException ? null : throw exception;
        }
    }

    private bool Check(int status) => status >= 0 ? true : throw LibvirtErrors.LastException(Address);
}
