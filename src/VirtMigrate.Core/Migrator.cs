using VirtMigrate.Estimation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate;

/// <summary>
/// Moves libvirt VMs between hosts for programs: connects to hosts, lists their VMs, checks whether a VM can move, estimates what that takes, moves
/// it, and verifies on both hosts what has become of it.
/// </summary>
/// <remarks>
/// Members may be called from any thread and side by side. A host is named by a libvirt URI, by <c>host</c> or <c>user@host</c>
/// (<c>qemu+ssh://host/system</c>), or by the name of a connected host.
/// </remarks>
public sealed class Migrator : IAsyncDisposable
{
    private readonly HostConnections _connections;
    private readonly MigrationRegistry _registry = new();
    private readonly MigrationQueue _queue;

    /// <summary>Makes a migrator that is connected to nothing yet.</summary>
    /// <param name="transport">The way to its hosts; null for libvirt's library where it loads, else virsh, else virsh through ssh.</param>
    /// <param name="throttleLimit">How many VMs move at once; the others wait. At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="throttleLimit"/> is less than 1.</exception>
    public Migrator(HostTransport? transport = null, int throttleLimit = 5)
    {
        _connections = new(chosen => DetectedTransport.Of(chosen ?? transport));

        // What is known of the hosts is asked again for each migration: between two of them may lie days.
        _queue = new(_registry, throttleLimit, (request, token) => new ReadinessGate(_connections, []).EnterAsync(request, token));
    }

    /// <summary>Connects to a host (virConnectOpenAuth), or again where the connection was lost. One that stands is kept as it is.</summary>
    /// <param name="host">The host.</param>
    /// <param name="credential">The user name and password for a host that asks for them (SASL); null for none.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>The host, as it describes itself.</returns>
    /// <exception cref="HypervisorException">The text names no host, or the host can't be reached or refuses the connection.</exception>
    public async Task<VmHost> ConnectAsync(string host, HostCredential? credential = null, CancellationToken cancellationToken = default)
    {
        var known = _connections.Get(host);
        var connection = known.IsAlive ? known : await _connections.OpenAsync(known.Address, credential, null, cancellationToken).ConfigureAwait(false);
        return (await connection.GetAsync(cancellationToken).ConfigureAwait(false)).Host;
    }

    /// <summary>Lists the VMs of a host (<c>virsh list --all</c>).</summary>
    /// <param name="host">The host.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Its VMs, active or only defined, by name.</returns>
    /// <exception cref="HypervisorException">The host can't be asked.</exception>
    public Task<IReadOnlyList<Vm>> ListVmsAsync(string host, CancellationToken cancellationToken = default) =>
        _connections.Get(host).ReadAsync(h => h.ListVmsAsync(cancellationToken), cancellationToken);

    /// <summary>Makes every check of a migration; nothing is changed.</summary>
    /// <param name="vm">The VM, as a host lists it.</param>
    /// <param name="destination">The host that it is to go to.</param>
    /// <param name="options">How it is to be moved; null for libvirt's defaults.</param>
    /// <param name="cancellationToken">Cancels the checks.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="HypervisorException">The text names no host.</exception>
    public async Task<VmMigrationReadiness> CheckAsync(
        Vm vm, string destination, MigrationOptionSet? options = null, CancellationToken cancellationToken = default)
    {
        var run = new ReadinessRun(new(), new HostCache(_connections), cancellationToken);
        var reports = await run.StartAsync([Request(vm, destination, options, null)]).ConfigureAwait(false);
        return await reports[0].ConfigureAwait(false);
    }

    /// <summary>Estimates what a migration takes, measuring for up to two minutes how fast a running VM changes its memory.</summary>
    /// <param name="vm">The VM, as a host lists it.</param>
    /// <param name="destination">The host that it is to go to.</param>
    /// <param name="options">How it is to be moved; null for libvirt's defaults.</param>
    /// <param name="dirtyRate">How fast the VM changes its memory, where that was measured before; null to measure it.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    /// <returns>Duration, data, iterations and downtime to be expected.</returns>
    /// <exception cref="HypervisorException">A host can't be asked.</exception>
    /// <exception cref="MigrationException">The VM can't be measured, or the options don't fit it.</exception>
    public async Task<VmMigrationEstimate> EstimateAsync(
        Vm vm, string destination, MigrationOptionSet? options = null, VmDirtyRate? dirtyRate = null, CancellationToken cancellationToken = default)
    {
        var estimator = new MigrationEstimator(_registry.History, MeasureAsync, cancellationToken);
        var estimates = await estimator.StartAsync([new(Request(vm, destination, options, null), dirtyRate)]).ConfigureAwait(false);
        return await estimates[0].ConfigureAwait(false);

        static Task<VmDirtyRate> MeasureAsync(IHostInspection host, Vm vm, CancellationToken token) =>
            DirtyRateMeasurement.MeasureAsync(host, vm, DirtyRateMeasurement.CurvePeriods, DirtyRateMode.PageSampling, null, token);
    }

    /// <summary>
    /// Moves a VM (virDomainMigrate3, peer-to-peer virDomainMigrateToURI3) after the quick checks, and verifies on both hosts what has become of it.
    /// A VM that is shut off moves as a definition.
    /// </summary>
    /// <remarks>
    /// Nobody is asked about the options whose <see cref="MigrationOption.Risk"/> says what they may cost: to give one is to agree to that.
    /// </remarks>
    /// <param name="vm">The VM, as a host lists it.</param>
    /// <param name="destination">The host that it goes to.</param>
    /// <param name="options">How it is moved; null for libvirt's defaults, with <see cref="MigrationOptions.Live"/> for a guest that runs.</param>
    /// <param name="policy">What is done about a guest that changes its memory faster than it moves; null for nothing.</param>
    /// <param name="progress">Hears how it goes, on any thread, and returns at once: the migration waits for it. Null for nobody.</param>
    /// <param name="cancellationToken">Aborts the migration: the VM stays on its source, unless post-copy has begun.</param>
    /// <returns>What became of the VM, with the evidence of both hosts, and why it did not complete where it did not.</returns>
    /// <exception cref="MigrationException">It can't be made as asked, or a check found something against it; nothing has moved.</exception>
    /// <exception cref="HypervisorException">A host could not be asked; nothing has moved.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before it began.</exception>
    public async Task<VmMigrationResult> MigrateAsync(
        Vm vm,
        string destination,
        MigrationOptionSet? options = null,
        MigrationPolicy? policy = null,
        IProgress<MigrationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        var request = Request(vm, destination, options, policy);
        var report = await _queue.RunAsync(request, progress, cancellationToken).ConfigureAwait(false);

        // What the caller does next is not to keep the engine, which may have something to look after yet.
        await Task.Yield();
        return report.Result;
    }

    /// <summary>
    /// Aborts the migrations that end with this process, waits up to 85 s until their VMs were seen on their sources again, and closes the
    /// connections. Those that go on without it, peer-to-peer or in post-copy, are left alone, and told as unknown to whoever awaits them.
    /// </summary>
    /// <returns>A task that ends when that is done.</returns>
    public async ValueTask DisposeAsync()
    {
        await _registry.EndAsync().ConfigureAwait(false);
        await _connections.DisposeAsync().ConfigureAwait(false);
    }

    private MigrationRequest Request(Vm vm, string destination, MigrationOptionSet? options, MigrationPolicy? policy)
    {
        ArgumentNullException.ThrowIfNull(vm);
        ArgumentNullException.ThrowIfNull(destination);
        return new MigrationSettings(options ?? MigrationOptionSet.Empty, policy)
            .ToRequest(vm, _connections.Get(HostAddress.Parse(vm.VmHost.Uri)), _connections.Get(destination));
    }
}
