using System.Collections.Concurrent;
using System.Globalization;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Events;
using VirtMigrate.Hypervisor.Virsh.Running;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>One host over virsh.</summary>
/// <remarks>A VM is named by its UUID, so that no VM's name is ever part of a command line.</remarks>
internal sealed partial class VirshHypervisor : IHypervisor
{
    private const long MiB = 1024 * 1024;

    private readonly VirshClient _virsh;
    private readonly VirshJobs _jobs;
    private readonly VirshEvents _events;
    private readonly ConcurrentDictionary<Guid, CancellationTokenSource> _migrations = [];

    /// <summary>Makes it for a host that was asked who it is.</summary>
    /// <param name="virsh">The host's virsh; it goes with this object.</param>
    /// <param name="host">The host.</param>
    public VirshHypervisor(VirshClient virsh, VmHost host)
    {
        _virsh = virsh;
        Host = host;
        _jobs = new(virsh);
        _events = new(virsh);
    }

    /// <inheritdoc/>
    public HostAddress Address => _virsh.Address;

    /// <inheritdoc/>
    public VmHost Host { get; }

    /// <inheritdoc/>
    public bool IsAlive => _virsh.IsAlive;

    /// <inheritdoc/>
    public bool MigrationOutlivesClient => _virsh.Place.OutlivesClient;

    /// <inheritdoc/>
    public Task<JobReading> GetJobAsync(Guid vm, CancellationToken cancellationToken) => _jobs.ReadPresentAsync(vm, cancellationToken);

    /// <inheritdoc/>
    public Task<JobStatistics?> GetCompletedJobAsync(Guid vm, CancellationToken cancellationToken) => _jobs.ReadCompletedAsync(vm, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>The URI of the destination is used where virsh runs: over ssh, that is the source itself.</remarks>
    public async Task MigrateAsync(Guid vm, IHypervisor destination, MigrationOptionSet options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(options);
        cancellationToken.ThrowIfCancellationRequested();
        var files = new List<string>();
        string[] command =
        [
            "migrate", .. VirshMigrateOptions.Words(options, text => text, AddFile),
            "--domain", $"{vm}", "--desturi", _virsh.Place.UriOf(destination.Address),
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
            return VirshJob.FileName(files.Count - 1);
        }
    }

    /// <inheritdoc/>
    public Task AbortJobAsync(Guid vm, CancellationToken cancellationToken)
    {
        // Older virsh aborts when it is interrupted; since 6.1 only the keyboard of a terminal makes it, so that libvirt is asked as well.
        if (_migrations.TryGetValue(vm, out var migration))
        {
            Interrupt(migration);
        }

        return RunAsync(cancellationToken, "domjobabort", $"{vm}");
    }

    /// <inheritdoc/>
    public Task AbortPostCopyAsync(Guid vm, CancellationToken cancellationToken) => RunAsync(cancellationToken, "domjobabort", "--postcopy", $"{vm}");

    /// <inheritdoc/>
    public Task StartPostCopyAsync(Guid vm, CancellationToken cancellationToken) => RunAsync(cancellationToken, "migrate-postcopy", $"{vm}");

    /// <inheritdoc/>
    public Task SuspendVmAsync(Guid vm, CancellationToken cancellationToken) => RunAsync(cancellationToken, "suspend", $"{vm}");

    /// <inheritdoc/>
    public Task SetAutostartAsync(Guid vm, bool isOn, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, isOn ? ["autostart", $"{vm}"] : ["autostart", "--disable", $"{vm}"]);

    /// <inheritdoc/>
    public async Task<TimeSpan> GetMaxDowntimeAsync(Guid vm, CancellationToken cancellationToken)
    {
        var output = await _virsh.RunAsync(["migrate-getmaxdowntime", $"{vm}"], cancellationToken).ConfigureAwait(false);
        return ulong.TryParse(output.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? ClampedTimeSpan.FromMilliseconds(milliseconds)
            : throw new VirshOutputException("a number of milliseconds", output);
    }

    /// <inheritdoc/>
    public Task SetMaxDowntimeAsync(Guid vm, TimeSpan limit, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-setmaxdowntime", $"{vm}", Number((long)limit.TotalMilliseconds));

    /// <inheritdoc/>
    public Task SetBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-setspeed", $"{vm}", Number(Math.Max(1, bytesPerSecond / MiB)));

    /// <inheritdoc/>
    public Task SetPostCopyBandwidthAsync(Guid vm, long bytesPerSecond, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-setspeed", "--postcopy", $"{vm}", Number(Math.Max(1, bytesPerSecond / MiB)));

    /// <inheritdoc/>
    public Task SetCompressionCacheAsync(Guid vm, long bytes, CancellationToken cancellationToken) =>
        RunAsync(cancellationToken, "migrate-compcache", $"{vm}", "--size", Number(bytes));

    /// <inheritdoc/>
    public async Task<DirtyRateReading> MeasureDirtyRateAsync(Guid vm, TimeSpan period, DirtyRateMode mode, CancellationToken cancellationToken)
    {
        await RefuseModeAsync(vm, mode, cancellationToken).ConfigureAwait(false);
        var rates = new VirshDirtyRates(_virsh, _jobs);
        var meter = new DirtyRateMeter(
            Address, ct => rates.LookAsync(vm, ct), (seconds, ct) => rates.StartAsync(vm, seconds, mode, ct), TimeProvider.System);
        return await meter.MeasureAsync(period, mode, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IDisposable Subscribe(Action<DomainEvent> listener) => _events.Subscribe(null, listener);

    /// <inheritdoc/>
    public IDisposable Subscribe(Guid vm, Action<DomainEvent> listener) => _events.Subscribe(vm, listener);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _events.DisposeAsync().ConfigureAwait(false);
        await _virsh.Place.DisposeAsync().ConfigureAwait(false);
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
