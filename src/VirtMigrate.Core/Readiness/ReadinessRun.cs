using VirtMigrate.Hypervisor;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness;

/// <summary>
/// Checks many migrations side by side. What is asked of a host is asked once for all of them.
/// </summary>
/// <param name="selection">Which checks are made, and how.</param>
/// <param name="notebook">What is known of the hosts.</param>
/// <param name="cancellationToken">Gives up.</param>
public sealed class ReadinessRun(ReadinessSelection selection, HostNotebook notebook, CancellationToken cancellationToken)
{
    private readonly Dictionary<HostConnection, HostFacts> _hosts = [];
    private readonly Dictionary<(HostConnection, HostConnection), PathProbe> _paths = [];

    /// <summary>Begins the checks of a batch.</summary>
    /// <param name="requests">The migrations that are thought of, in the order in which they would be made.</param>
    /// <returns>One report for each, in the same order.</returns>
    public async Task<IReadOnlyList<Task<VmMigrationReadiness>>> StartAsync(IReadOnlyList<MigrationRequest> requests)
    {
        ArgumentNullException.ThrowIfNull(requests);
        await OpenAsync(requests, keepCapacity: false).ConfigureAwait(false);
        var ahead = new Dictionary<HostConnection, List<VmFacts>>();
        var reports = new List<Task<VmMigrationReadiness>>();
        foreach (var request in requests)
        {
            var before = ahead.TryGetValue(request.Destination, out var known) ? known : ahead[request.Destination] = [];
            reports.Add(CheckAsync(request, [.. before], selection.Includes));
            before.Add(Facts(request));
        }

        return reports;
    }

    /// <summary>Checks one migration of a batch when its turn has come.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="ahead">The batch's migrations to the same destination that are under way.</param>
    /// <param name="isWanted">Whether a check is to be made.</param>
    /// <returns>The report.</returns>
    public async Task<VmMigrationReadiness> CheckAsync(
        MigrationRequest request, IReadOnlyList<MigrationRequest> ahead, Func<ReadinessCheck, bool> isWanted)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(ahead);
        await OpenAsync([.. ahead, request], keepCapacity: ahead.Count > 0).ConfigureAwait(false);
        return await CheckAsync(request, [.. ahead.Select(Facts)], isWanted).ConfigureAwait(false);
    }

    private async Task<VmMigrationReadiness> CheckAsync(
        MigrationRequest request, IReadOnlyList<VmFacts> ahead, Func<ReadinessCheck, bool> isWanted)
    {
        var move = ToMove(request, ahead);
        var time = DateTimeOffset.Now;
        var results = await Task.WhenAll(ReadinessChecks.All.Where(isWanted).Select(c => CheckAsync(c, move))).ConfigureAwait(false);
        return new()
        {
            Vm = request.Vm.Name,
            Uuid = request.Vm.Uuid,
            Source = Describe(request.Source),
            Destination = Describe(request.Destination),
            IsStrict = selection.IsStrict,
            Checks = results,
            Skipped = [.. ReadinessChecks.All.Where(selection.Skips).Select(c => c.Id)],
            Options = MigrationOptionValues.Of(request.Options, request.Limits),
            Policy = request.Policy,
            Time = time,
        };
    }

    // A host that can't be opened says so in its checks; the others know it by its address.
    private async Task OpenAsync(IReadOnlyList<MigrationRequest> requests, bool keepCapacity)
    {
        var vms = requests.Select(r => r.Vm.Uuid).Distinct().ToArray();
        foreach (var host in requests.SelectMany(r => new[] { r.Source, r.Destination }).Distinct())
        {
            _hosts.TryAdd(host, notebook.Open(host, vms, keepCapacity, cancellationToken));
        }

        await Task.WhenAll(_hosts.Values.Select(h => (Task)h.GetHostAsync())).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task<VmMigrationCheck> CheckAsync(ReadinessCheck check, ReadinessMove move)
    {
        try
        {
            var finding = await Task.Run(() => check.CheckAsync(move, cancellationToken), cancellationToken).ConfigureAwait(false);
            return ReadinessTexts.ToCheck(check, finding, move);
        }
        catch (HypervisorException e)
        {
            return ReadinessTexts.Unanswered(check, e);
        }
    }

    private ReadinessMove ToMove(MigrationRequest request, IReadOnlyList<VmFacts> ahead)
    {
        var (options, limits, trouble) = Settle(request);
        return new()
        {
            Vm = Facts(request),
            Source = _hosts[request.Source],
            Destination = _hosts[request.Destination],
            DestinationName = Describe(request.Destination).Name,
            Options = options,
            OptionTrouble = trouble,
            Policy = request.Policy,
            Limits = limits,
            Ahead = ahead,
            Path = Path(request.Source, request.Destination),
            Selection = selection,
        };
    }

    // Where the options do not fit, the other checks go on with what was given.
    private static (MigrationOptionSet Options, MigrationLimits Limits, MigrationException? Trouble) Settle(MigrationRequest request)
    {
        try
        {
            var settled = PolicySettlement.Of(
                request.Policy, request.Options.ForVm(request.Vm), request.Limits, request.Source.Host, request.Destination.Host);
            return (settled.Options, settled.Limits, null);
        }
        catch (MigrationException e)
        {
            return (request.Options, request.Limits, e);
        }
    }

    private VmFacts Facts(MigrationRequest request) => new(request.Vm, _hosts[request.Source]);

    private static VmHost Describe(HostConnection host) => host.Host ?? VmHost.Unreached(host.Address);

    private PathProbe Path(HostConnection source, HostConnection destination)
    {
        if (!_paths.TryGetValue((source, destination), out var path))
        {
            path = PathProbe.Between(source.Address, destination.Address);
            _paths.Add((source, destination), path);
        }

        return path;
    }
}
