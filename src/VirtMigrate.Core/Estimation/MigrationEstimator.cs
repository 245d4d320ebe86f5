using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Estimation;

/// <summary>Estimates many migrations side by side. A host is asked, and a VM measured, once for all of them.</summary>
/// <param name="history">What completed migrations achieved.</param>
/// <param name="measure">Measures how fast a VM changes its memory.</param>
/// <param name="cancellationToken">Cancels all of it.</param>
internal sealed class MigrationEstimator(
    BandwidthHistory history, Func<IHostInspection, Vm, CancellationToken, Task<VmDirtyRate>> measure, CancellationToken cancellationToken)
{
    private readonly CheckContexts _moves = new(new(), new HostCache(), cancellationToken);
    private readonly Dictionary<(HostConnection, Guid), Task<VmDirtyRate?>> _rates = [];

    /// <summary>Starts the estimates.</summary>
    /// <param name="requests">The migrations.</param>
    /// <returns>One estimate for each, in the same order.</returns>
    public async Task<IReadOnlyList<Task<VmMigrationEstimate>>> StartAsync(IReadOnlyList<EstimateRequest> requests)
    {
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
        var link = await EstimateBandwidth.FindAsync(move, effective.Options, (source.Host, destination.Host), history, cancellationToken).ConfigureAwait(false);
        var disks = await move.FindCopiedDisksAsync(cancellationToken).ConfigureAwait(false);
        var rate = await measuring.ConfigureAwait(false);
        var input = new EstimateInput
        {
            Options = effective.Options,
            Policy = request.Policy,
            Memory = memory,
            ZeroMemory = move.IsLive ? move.Vm.Vm.Memory - memory : 0,
            LinkBandwidth = link.BytesPerSecond,
            IsAchieved = link.IsAchieved,
            Connections = link.Connections,
            StorageSize = disks.Sum(d => d.Image?.Allocation ?? d.Image?.Capacity ?? 0),
            Curve = rate?.Curve,
            Overhead = link.Overhead,
            CanPostCopy = !definition.PassedThroughDevices.Any(d => d.IsVfio),
            IsSupported = options => MigrationOptionRules.CheckVersions(options, source.Host, destination.Host).Count == 0,
        };
        return Describe(request, input, link, rate) with
        {
            Source = source.Host,
            Destination = destination.Host,
            Remarks = [.. Remarks(move, input, inspection)],
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

    private static VmMigrationEstimate Describe(MigrationRequest request, EstimateInput input, EstimateBandwidth link, VmDirtyRate? rate)
    {
        var (forecasts, plain) = (input.Forecasts, input.Plain);
        return new()
        {
            Vm = request.Vm.Name,
            Uuid = request.Vm.Uuid,
            Source = request.Vm.VmHost,
            Destination = request.Vm.VmHost,
            Forecast = forecasts.Of(input.Migration),
            Recommendation = new Recommendations(input).Find(),
            Bandwidth = (long)input.Bandwidth,
            BandwidthSource = input.Bandwidth < input.LinkBandwidth && input.Options.Has(MigrationOptions.Bandwidth) ? BandwidthSource.Given : link.Source,
            BandwidthEvidence = link.Evidence,
            ResidentMemory = (long)input.Memory,
            MaxDowntime = TimeSpan.FromSeconds(plain.MaxDowntime),
            MinimumBandwidth = forecasts.MinimumBandwidth(plain),
            MinimumMaxDowntime = forecasts.MinimumMaxDowntime(plain),
            AutoConvergeThrottle = forecasts.MinimumThrottle(plain),
            PostCopyDuration = input.CanPostCopy ? forecasts.Of(plain with { PostCopyAfterPrecopy = true }).Duration : null,
            StorageSize = (long)input.StorageSize,
            Connections = link.Connections,
            DirtyRate = rate,
            Options = request.Options.ToValues(),
            Policy = request.Policy,
            Time = DateTimeOffset.Now,
        };
    }

    // What the figures leave out.
    private static IEnumerable<string> Remarks(CheckContext move, EstimateInput input, VmInspection inspection)
    {
        if (move.IsLive && inspection.ResidentMemory is null)
        {
            yield return $"'{move.SourceName}' does not report how much of its memory the VM uses; all of it is counted.";
        }

        if (input.Options.Has(MigrationOptions.Compression))
        {
            yield return "What compression saves depends on the content of memory; the figures do not include it.";
        }

        if (input.StorageSize > 0)
        {
            yield return "Disks are counted once; what the guest writes to them meanwhile is not counted.";
        }

        if (input.Policy is { StallDetection: not null } policy)
        {
            yield return $"The policy {policy.Name} acts when the remaining memory no longer shrinks; the figures are for a migration in which it does not act.";
        }

        if (input.Limits is { OnTimeout: TimeoutAction.Abort, Timeout: { } timeout } && input.Forecasts.Of(input.Plain).LongestDuration > timeout)
        {
            yield return FormattableString.Invariant($"After {timeout.TotalSeconds:0} s it is aborted (-{MigrationOptions.Timeout.Name}), which may be too early.");
        }
    }
}

/// <summary>A migration that is to be estimated.</summary>
/// <param name="Migration">The migration.</param>
/// <param name="DirtyRate">How fast the VM changes its memory, where that has been measured; null to measure it.</param>
internal sealed record EstimateRequest(MigrationRequest Migration, VmDirtyRate? DirtyRate);

/// <summary>How much of a VM's memory has to cross.</summary>
internal static class GuestMemory
{
    // What QEMU holds besides the guest's memory, as its resident memory counts it: itself, its libraries and devices; under software
    // emulation what it has translated of the guest's code as well, most of it in the guest's boot. Measured with QEMU 7.2.
    private const double Own = 60 << 20;
    private const double Translated = 8 << 20;
    private const double TranslatedWithBoot = 50 << 20;

    /// <summary>Finds it.</summary>
    public static double Of(Vm vm, long? resident, bool isEmulated) =>
        !vm.Status.IsActive ? 0
        : resident is > 0 and var known ? Math.Clamp(known - Own - OfEmulation(vm, isEmulated), known / 2.0, vm.Memory)
        : vm.Memory;

    private static double OfEmulation(Vm vm, bool isEmulated) => !isEmulated ? 0 : vm.Status.IsMigratedHere ? Translated : TranslatedWithBoot;
}
