using System.Collections.Concurrent;
using System.Globalization;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Xml;

namespace VirtMigrate.Virsh;

/// <summary>One host over virsh.</summary>
/// <remarks>
/// A VM is named by its UUID, so that no VM's name is ever part of a command line. What only looks takes one run of virsh, as long as its
/// commands fit into one, unless a comment says otherwise.
/// </remarks>
internal sealed class VirshHypervisor : IHypervisor
{
    private const long MiB = 1024 * 1024;

    private readonly VirshClient _virsh;
    private readonly VirshJobs _jobs;
    private readonly VirshVmReader _vms;
    private readonly VirshVmInspector _inspector;
    private readonly VirshEvents _events;
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _migrations = [];

    /// <summary>Makes it for a host that was asked who it is.</summary>
    public VirshHypervisor(VirshClient virsh, VmHost host)
    {
        _virsh = virsh;
        Host = host;
        _jobs = new(virsh);
        _vms = new(virsh, host);
        _inspector = new(virsh);
        _events = new(virsh);
    }

    public HostAddress Address => _virsh.Address;

    public VmHost Host { get; }

    public bool IsAlive => _virsh.IsAlive;

    public bool MigrationOutlivesClient => _virsh.Runner.OutlivesClient;

    private VirshHostReader HostReader => new(_virsh);

    private VirshNetworkReader Networks => new(_virsh);

    private VirshStorageReader Storage => new(_virsh);

    // Runs of virsh: one; more where the driver does not tell memory and processors in bulk.
    public Task<IReadOnlyList<Vm>> ListVmsAsync(CancellationToken cancellationToken) => _vms.ListAsync(cancellationToken);

    // Runs of virsh: two; one where there is no such VM.
    public Task<Vm?> FindVmAsync(string name, CancellationToken cancellationToken) => _vms.FindAsync(name, cancellationToken);

    public Task<Vm?> FindVmAsync(Guid uuid, CancellationToken cancellationToken) => _vms.FindAsync(uuid, cancellationToken);

    public Task<long> GetAvailableMemoryAsync(CancellationToken cancellationToken) => HostReader.ReadAvailableMemoryAsync(cancellationToken);

    public Task<string> GetDefinitionAsync(Guid vm, CancellationToken cancellationToken) => _inspector.ReadDefinitionAsync(vm, cancellationToken);

    public Task<IReadOnlyDictionary<Guid, DomainDefinition>> GetDefinitionsAsync(
        IReadOnlyCollection<Guid> vms, CancellationToken cancellationToken) => _inspector.ReadDefinitionsAsync(vms, cancellationToken);

    // Runs of virsh: two.
    public Task<IReadOnlyList<DomainDefinition>> ListDefinitionsAsync(CancellationToken cancellationToken) =>
        _inspector.ListDefinitionsAsync(cancellationToken);

    // Runs of virsh: one; two where a QEMU or virsh does not tell dirty rates.
    public Task<IReadOnlyDictionary<Guid, VmInspection>> InspectVmsAsync(CancellationToken cancellationToken) =>
        _inspector.InspectAsync(cancellationToken);

    public Task<int> CountSnapshotsAsync(Guid vm, CancellationToken cancellationToken) => _inspector.CountSnapshotsAsync(vm, cancellationToken);

    // Runs of virsh: two; up to five where the VM's lock is held.
    public Task<IReadOnlyList<BlockJob>?> GetBlockJobsAsync(
        Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken) =>
        _jobs.ReadBlockJobsAsync(vm, targets, cancellationToken);

    public Task<HostCapabilities> GetCapabilitiesAsync(CancellationToken cancellationToken) => HostReader.ReadCapabilitiesAsync(cancellationToken);

    public Task<DomainCapabilities> GetDomainCapabilitiesAsync(GuestKind kind, CancellationToken cancellationToken) =>
        HostReader.ReadDomainCapabilitiesAsync(kind, cancellationToken);

    public Task<CpuComparison> CompareCpuAsync(GuestKind kind, string cpu, CancellationToken cancellationToken) =>
        HostReader.CompareCpuAsync(kind, cpu, cancellationToken);

    // Runs of virsh: two.
    public Task<IReadOnlyList<HostNetwork>> ListNetworksAsync(CancellationToken cancellationToken) =>
        Networks.ListNetworksAsync(cancellationToken);

    // Runs of virsh: up to three.
    public Task<IReadOnlyList<HostInterface>> ListInterfacesAsync(CancellationToken cancellationToken) =>
        Networks.ListInterfacesAsync(cancellationToken);

    // Runs of virsh: two.
    public Task<IReadOnlyList<StoragePool>> ListStoragePoolsAsync(CancellationToken cancellationToken) => Storage.ListPoolsAsync(cancellationToken);

    // Runs of virsh: two.
    public Task<IReadOnlySet<string>> ListVolumePathsAsync(string pool, bool refresh, CancellationToken cancellationToken) =>
        Storage.ListVolumePathsAsync(pool, refresh, cancellationToken);

    // Runs of virsh: three.
    public Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string pool, CancellationToken cancellationToken) =>
        Storage.ListVolumesAsync(pool, cancellationToken);

    public Task<StorageVolume?> FindVolumeAsync(string path, CancellationToken cancellationToken) => Storage.FindAsync(path, cancellationToken);

    public Task<IReadOnlySet<Guid>> ListSecretsAsync(CancellationToken cancellationToken) => HostReader.ListSecretsAsync(cancellationToken);

    // Runs of virsh: one; two where other cells or sizes are asked about than the host's capabilities name.
    public Task<IReadOnlyList<FreePages>> GetFreePagesAsync(IReadOnlyList<long> sizes, int cells, CancellationToken cancellationToken) =>
        HostReader.ReadFreePagesAsync(sizes, cells, cancellationToken);

    public Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken) => _jobs.ReadPresentAsync(vm, cancellationToken);

    public Task<JobStatistics?> GetCompletedJobAsync(Guid vm, CancellationToken cancellationToken) => _jobs.ReadCompletedAsync(vm, cancellationToken);

    // The URI of the destination is used where virsh runs: over ssh, that is the source itself.
    public async Task MigrateAsync(Guid vm, IHypervisor destination, MigrationOptionSet options, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var files = new List<string>();
        string[] command =
        [
            "migrate", .. VirshCommand.Words(options, text => text, AddFile),
            "--domain", $"{vm}", "--desturi", _virsh.Runner.UriOf(destination.Address),
        ];
        using var interrupt = new CancellationTokenSource();
        _migrations[vm] = interrupt;
        try
        {
            var others = destination is VirshHypervisor other ? new[] { other._virsh } : [];
            await _virsh.RunLongAsync(command, files, others, interrupt.Token).ConfigureAwait(false);
        }
        finally
        {
            _migrations.TryRemove(KeyValuePair.Create(vm, interrupt));
        }

        string AddFile(MigrationXml xml)
        {
            files.Add(xml.Text);
            return VirshInvocation.FileName(files.Count - 1);
        }
    }

    public Task AbortJobAsync(Guid vm, CancellationToken cancellationToken)
    {
        // Older virsh aborts when it is interrupted; since 6.1 only the keyboard of a terminal makes it, so that libvirt is asked as well.
        if (_migrations.TryGetValue(vm, out var migration))
        {
            Interrupt(migration);
        }

        return RunAsync(cancellationToken, "domjobabort", $"{vm}");
    }

    public Task AbortPostCopyAsync(Guid vm, CancellationToken cancellationToken) => RunAsync(cancellationToken, "domjobabort", "--postcopy", $"{vm}");

    public Task StartPostCopyAsync(Guid vm, CancellationToken cancellationToken) => RunAsync(cancellationToken, "migrate-postcopy", $"{vm}");

    public Task SuspendVmAsync(Guid vm, CancellationToken cancellationToken) => RunAsync(cancellationToken, "suspend", $"{vm}");

    public Task SetAutostartAsync(Guid vm, bool isOn, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, isOn ? ["autostart", $"{vm}"] : ["autostart", "--disable", $"{vm}"]);

    public async Task<TimeSpan> GetMaxDowntimeAsync(Guid vm, CancellationToken cancellationToken)
    {
        var output = await _virsh.RunAsync(["migrate-getmaxdowntime", $"{vm}"], cancellationToken).ConfigureAwait(false);
        return ulong.TryParse(output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? ClampedTimeSpan.FromMilliseconds(milliseconds)
            : throw new VirshOutputException("a number of milliseconds", output);
    }

    public Task SetMaxDowntimeAsync(Guid vm, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-setmaxdowntime", $"{vm}", Number((long)limit.TotalMilliseconds));

    public Task SetBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-setspeed", $"{vm}", Number(Math.Max(1, bytesPerSecond / MiB)));

    public Task SetPostCopyBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-setspeed", "--postcopy", $"{vm}", Number(Math.Max(1, bytesPerSecond / MiB)));

    public Task SetCompressionCacheAsync(Guid vm, long bytes, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-compcache", $"{vm}", "--size", Number(bytes));

    public async Task<DirtyRateReading> MeasureDirtyRateAsync(Guid vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        await RefuseModeAsync(vm, mode, cancellationToken).ConfigureAwait(false);
        var meter = new DirtyRateMeter(
            Address,
            ct => ReadDirtyRateAsync(vm, ct),
            (seconds, ct) => StartDirtyRateAsync(vm, seconds, mode, ct),
            TimeProvider.System);
        return await meter.MeasureAsync(period, mode, cancellationToken).ConfigureAwait(false);
    }

    public IDisposable Subscribe(Action<DomainEvent> listener) => _events.Subscribe(null, listener);

    public IDisposable Subscribe(Guid vm, Action<DomainEvent> listener) => _events.Subscribe(vm, listener);

    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync().ConfigureAwait(false);
        await _virsh.Runner.DisposeAsync().ConfigureAwait(false);
    }

    private async Task RefuseModeAsync(Guid vm, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        if (mode != DirtyRateMode.PageSampling
            && DirtyRateModes.FindObstacle(Host, new DomainDefinition(await GetDefinitionAsync(vm, cancellationToken).ConfigureAwait(false)).DomainType, mode)
                is { } obstacle)
        {
            throw new HypervisorNotSupportedException(obstacle, Address);
        }
    }

    private async Task<DirtyRateStatus> ReadDirtyRateAsync(Guid vm, CancellationToken cancellationToken)
    {
        var output = await RunAsync(cancellationToken, "domstats", "--raw", "--state", "--balloon", "--dirtyrate", $"{vm}").ConfigureAwait(false);
        return DirtyRateStatistics.ReadOfRunning(VirshStatistics.Parse(output) is [var only] ? only.Values : [], Address);
    }

    private async Task<bool> StartDirtyRateAsync(Guid vm, int seconds, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        DirtyRateMeter.RefuseBusy(await _jobs.ReadPresentAsync(vm, cancellationToken).ConfigureAwait(false), Address);

        // Virsh before 8.1 knows no modes.
        string[] how = mode == DirtyRateMode.PageSampling ? [] : ["--mode", DirtyRateModes.ToName(mode)];
        try
        {
            await RunAsync(cancellationToken, ["domdirtyrate-calc", $"{vm}", "--seconds", Number(seconds), .. how]).ConfigureAwait(false);
            return true;
        }
        catch (HypervisorException e)
        {
            return DirtyRateMeter.FalseIfMeasuring(e, Address);
        }
    }

    private static void Interrupt(CancellationTokenSource migration)
    {
        try
        {
            migration.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended at this very moment.
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private Task<string> RunAsync(CancellationToken cancellationToken, params string[] command) => _virsh.RunAsync(command, cancellationToken);
}
