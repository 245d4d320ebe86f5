using System.Runtime.InteropServices;
using VirtMigrate.Hypervisor.Libvirt.Interop;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Libvirt;

/// <summary>One host over one connection of libvirt's C API.</summary>
internal sealed partial class LibvirtHypervisor : IHypervisor
{
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);
    private const uint AbortPostCopy = 1 << 0;
    private const uint MaxSpeedPostCopy = 1 << 0;
    private const long MiB = 1024 * 1024;

    private readonly ConnectionHandle _connection;
    private readonly LibvirtDomains _domains;
    private readonly LibvirtVmReader _reader;
    private readonly LibvirtEvents _events;
    private readonly LibvirtJobs _jobs;
    private readonly LibvirtMigrationConnections _migrationConnections;

    public LibvirtHypervisor(HostAddress address, HostCredential? credential, ConnectionHandle connection, VmHost host)
    {
        Address = address;
        Host = host;
        _connection = connection;
        _domains = new(connection, address);
        _reader = new(connection, address, host);
        _events = new(connection);
        _jobs = new(address);
        _migrationConnections = new(address, credential);
    }

    /// <inheritdoc/>
    public HostAddress Address { get; }

    /// <inheritdoc/>
    public VmHost Host { get; }

    /// <inheritdoc/>
    public bool IsAlive => !_connection.IsClosed && NativeMethods.ConnectIsAlive(_connection) == 1;

    /// <inheritdoc/>
    public bool MigrationOutlivesClient => false;

    /// <inheritdoc/>
    public Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken) =>
        WithMonitorsAsync(_reader.ReadAll, cancellationToken);

    /// <inheritdoc/>
    public Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken) =>
        RunAsync(() => Find(NativeMethods.DomainLookupByName(_connection, name)), cancellationToken);

    /// <inheritdoc/>
    public Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken) =>
        RunAsync(() => Find(LibvirtDomains.Lookup(_connection, uuid)), cancellationToken);

    /// <inheritdoc/>
    public Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken) =>
        RunAsync(() => LibvirtHostReader.ReadAvailableMemory(_connection, Address), cancellationToken);

    /// <inheritdoc/>
    public Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, _jobs.ReadPresent, cancellationToken);

    /// <inheritdoc/>
    public Task<JobStatistics?> GetCompletedJobAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, _jobs.ReadCompleted, cancellationToken);

    /// <inheritdoc/>
    public async Task MigrateAsync(Guid vm, IHypervisor destination, MigrationOptionSet options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);

        // Either the call begins or it is given up: who comes first decides.
        var isDecided = 0;
        var givenUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancelling = cancellationToken.Register(() =>
        {
            if (Interlocked.Exchange(ref isDecided, 1) == 0)
            {
                givenUp.SetCanceled(cancellationToken);
            }
        });
        var calling = LongCallThreads.RunAsync(() => Migrate(vm, destination, options, Begin));
        _ = calling.ContinueWith(t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        await (await Task.WhenAny(calling, givenUp.Task).ConfigureAwait(false)).ConfigureAwait(false);

        void Begin()
        {
            if (Interlocked.Exchange(ref isDecided, 1) != 0)
            {
                throw new OperationCanceledException(cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public Task AbortJobAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainAbortJob(domain)), cancellationToken);

    /// <inheritdoc/>
    public Task AbortPostCopyAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainAbortJobFlags(domain, AbortPostCopy)), cancellationToken);

    /// <inheritdoc/>
    public Task StartPostCopyAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainMigrateStartPostCopy(domain, 0)), cancellationToken);

    /// <inheritdoc/>
    public Task SuspendVmAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainSuspend(domain)), cancellationToken);

    /// <inheritdoc/>
    public Task SetAutostartAsync(Guid vm, bool isOn, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainSetAutostart(domain, isOn ? 1 : 0)), cancellationToken);

    /// <inheritdoc/>
    public Task<TimeSpan> GetMaxDowntimeAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain =>
        {
            Check(NativeMethods.DomainMigrateGetMaxDowntime(domain, out var milliseconds, 0));
            return TimeSpan.FromMilliseconds(milliseconds);
        }, cancellationToken);

    /// <inheritdoc/>
    public Task SetMaxDowntimeAsync(Guid vm, TimeSpan limit, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainMigrateSetMaxDowntime(domain, (ulong)limit.TotalMilliseconds, 0)),
            cancellationToken);

    /// <inheritdoc/>
    public Task SetBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        SetMaxSpeedAsync(vm, bytesPerSecond, 0, cancellationToken);

    /// <inheritdoc/>
    public Task SetPostCopyBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        SetMaxSpeedAsync(vm, bytesPerSecond, MaxSpeedPostCopy, cancellationToken);

    /// <inheritdoc/>
    public Task SetCompressionCacheAsync(Guid vm, long bytes, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainMigrateSetCompressionCache(domain, (ulong)bytes, 0)), cancellationToken);

    /// <inheritdoc/>
    public Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, ReadDefinition, cancellationToken);

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<DomainEvent> listener) => _events.Subscribe(listener);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Closing says good-bye to the host; one that does not answer is left to its keepalive.
        var closing = Task.Run(() =>
        {
            _migrationConnections.Dispose();
            _events.Dispose();
            _domains.Dispose();
            _connection.Dispose();
        });
        await Task.WhenAny(closing, Task.Delay(ClosePatience)).ConfigureAwait(false);
    }

    private static Task<T> RunAsync<T>(Func<T> call, CancellationToken cancellationToken) =>
        Task.Run(call, cancellationToken).WaitAsync(cancellationToken);

    private static Task<T> WithMonitorsAsync<T>(Func<bool, T> read, CancellationToken cancellationToken) =>
        MonitorPatience.ReadAsync((monitors, ct) => RunAsync(() => read(monitors), ct), cancellationToken);

    private Task<T> WithDomainAsync<T>(Guid vm, Func<DomainHandle, T> call, CancellationToken cancellationToken) =>
        RunAsync(() => call(_domains.Get(vm)), cancellationToken);

    private Task<bool> SetMaxSpeedAsync(Guid vm, long bytesPerSecond, uint flags, CancellationToken cancellationToken) =>
        WithDomainAsync(vm, domain => Check(NativeMethods.DomainMigrateSetMaxSpeed(
            domain, new CULong((nuint)Math.Max(1, bytesPerSecond / MiB)), flags)), cancellationToken);

    private unsafe string ReadDefinition(DomainHandle domain) =>
        NativeText.Take(NativeMethods.DomainGetXmlDesc(domain, 0)) ?? throw LibvirtErrors.LastException(Address);

    private unsafe void Migrate(Guid vm, IHypervisor destination, MigrationOptionSet options, Action begin)
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
            begin();
            Check(NativeMethods.DomainMigrateToUri3(domain, destination.Address.Uri, parameters.Pointer, parameters.Count, flags));
            return;
        }

        // A destination that is reached in another way otherwise is reached in this one for the migration.
        using var own = destination is LibvirtHypervisor ? null : new LibvirtMigrationConnections(destination.Address, credential: null);
        using var target = (own ?? ((LibvirtHypervisor)destination)._migrationConnections).Rent();
        begin();
        using var moved = NativeMethods.DomainMigrate3(domain, target.Connection, parameters.Pointer, parameters.Count, flags);
        if (moved.IsInvalid)
        {
            throw LibvirtErrors.LastException(Address);
        }
    }

    private Vm? Find(DomainHandle domain)
    {
        using (domain)
        {
            if (!domain.IsInvalid)
            {
                return _reader.Read(domain);
            }

            var exception = LibvirtErrors.LastException(Address);
            return exception is VmNotFoundException ? null : throw exception;
        }
    }

    private bool Check(int status) => status >= 0 ? true : throw LibvirtErrors.LastException(Address);
}
