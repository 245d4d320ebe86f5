using VirtMigrate.Hypervisor;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;
using VirtMigrate.Readiness;

namespace VirtMigrate.Estimation;

/// <summary>Estimates many migrations side by side. What is asked of a host, or measured of a VM, is so once for all of them.</summary>
/// <param name="history">What completed migrations achieved.</param>
/// <param name="measure">Measures how fast a VM changes its memory.</param>
/// <param name="cancellationToken">Gives up.</param>
public sealed class EstimateRun(
    BandwidthHistory history, Func<IHostInspection, Vm, CancellationToken, Task<VmDirtyRate>> measure, CancellationToken cancellationToken)
{
    private readonly CheckContexts _moves = new(new(), new HostCache(), cancellationToken);
    private readonly Dictionary<(HostConnection, Guid), Task<VmDirtyRate?>> _rates = [];

    /// <summary>Begins to estimate.</summary>
    /// <param name="requests">The migrations.</param>
    /// <returns>One estimate for each, in the same order.</returns>
    public async Task<IReadOnlyList<Task<VmMigrationEstimate>>> StartAsync(IReadOnlyList<EstimateRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        await _moves.OpenAsync([.. requests.Select(r => r.Migration)], keepCapacity: false).ConfigureAwait(false);
        return [.. requests.Select(r => EstimateAsync(r.Migration, RateAsync(r)))];
    }

    private static bool IsEmulated(CheckContext move, VmHost host, string domainType) =>
        move.IsLive && string.Equals(host.Hypervisor, "QEMU", StringComparison.OrdinalIgnoreCase) && domainType is "qemu";

    private async Task<VmMigrationEstimate> EstimateAsync(MigrationRequest request, Task<VmDirtyRate?> measuring)
    {
        var source = await request.Source.GetAsync(cancellationToken).ConfigureAwait(false);
        var destination = await request.Destination.GetAsync(cancellationToken).ConfigureAwait(false);
        var effective = MigrationPlanner.Settle(new(request.Options, request.Policy), request.Vm, source.Host, destination.Host);
        request = request with { Effective = effective };
        var move = _moves.Get(request, []);
        var definition = await move.Vm.GetDefinitionAsync().ConfigureAwait(false);
        var inspection = await move.Vm.InspectAsync().ConfigureAwait(false);
        var memory = GuestMemory.Of(move.Vm.Vm, inspection.ResidentMemory, IsEmulated(move, source.Host, definition.DomainType));
        var way = await EstimateWay.FindAsync(move, effective.Options, (source.Host, destination.Host), history, cancellationToken).ConfigureAwait(false);
        var disks = await move.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false);
        var rate = await measuring.ConfigureAwait(false);
        var scene = new EstimateScene
        {
            Options = effective.Options,
            Policy = request.Policy,
            Memory = memory,
            ZeroMemory = move.IsLive ? move.Vm.Vm.Memory - memory : 0,
            WayBandwidth = way.BytesPerSecond,
            IsAchieved = way.IsAchieved,
            Connections = way.Connections,
            StorageSize = disks.Sum(d => d.Image?.Allocation ?? d.Image?.Capacity ?? 0),
            Curve = rate?.Curve,
            Overhead = way.Overhead,
            CanPostCopy = !definition.PassedThroughDevices.Any(d => d.IsVfio),
            IsSupported = options => MigrationOptionRules.CheckVersions(options, source.Host, destination.Host).Count == 0,
        };
        return Describe(request, scene, way, rate) with
        {
            Source = source.Host,
            Destination = destination.Host,
            Remarks = [.. EstimateRemarks.Of(move, scene, inspection)],
        };
    }

    private Task<VmDirtyRate?> RateAsync(EstimateRequest request)
    {
        var (vm, host) = (request.Migration.Vm, request.Migration.Source);
        if (!vm.Status.IsExecuting || request.DirtyRate is not null)
        {
            return Task.FromResult(vm.Status.IsExecuting ? request.DirtyRate : null);
        }

        if (!_rates.TryGetValue((host, vm.Uuid), out var measuring))
        {
            measuring = MeasureAsync(host, vm);
            _rates.Add((host, vm.Uuid), measuring);
        }

        return measuring;
    }

    private async Task<VmDirtyRate?> MeasureAsync(HostConnection host, Vm vm) =>
        await measure(await host.GetAsync(cancellationToken).ConfigureAwait(false), vm, cancellationToken).ConfigureAwait(false);

    private static VmMigrationEstimate Describe(MigrationRequest request, EstimateScene scene, EstimateWay way, VmDirtyRate? rate)
    {
        var (forecasts, plain) = (scene.Forecasts, scene.Plain);
        return new()
        {
            Vm = request.Vm.Name,
            Uuid = request.Vm.Uuid,
            Source = request.Vm.VmHost,
            Destination = request.Vm.VmHost,
            Forecast = forecasts.Of(scene.Migration),
            Recommendation = new Recommendations(scene).Find(),
            Bandwidth = (long)scene.Bandwidth,
            BandwidthSource = scene.Bandwidth < scene.WayBandwidth && scene.Options.Has(MigrationOptions.Bandwidth) ? BandwidthSource.Given : way.Source,
            BandwidthEvidence = way.Evidence,
            ResidentMemory = (long)scene.Memory,
            MaxDowntime = TimeSpan.FromSeconds(plain.MaxDowntime),
            MinimumBandwidth = forecasts.MinimumBandwidth(plain),
            MinimumMaxDowntime = forecasts.MinimumMaxDowntime(plain),
            AutoConvergeThrottle = forecasts.MinimumThrottle(plain),
            PostCopyDuration = scene.CanPostCopy ? forecasts.Of(plain with { PostCopyAfterPrecopy = true }).Duration : null,
            StorageSize = (long)scene.StorageSize,
            Connections = way.Connections,
            DirtyRate = rate,
            Options = MigrationOptionValues.Of(request.Options),
            Policy = request.Policy,
            Time = DateTimeOffset.Now,
        };
    }
}
