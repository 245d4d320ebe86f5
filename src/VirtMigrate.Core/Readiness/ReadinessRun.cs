using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>
/// Checks many migrations side by side. What is asked of a host is asked once for all of them.
/// </summary>
internal sealed class ReadinessRun(ReadinessSelection selection, HostCache cache, CancellationToken cancellationToken)
{
    private readonly CheckContexts _contexts = new(selection, cache, cancellationToken);

    /// <summary>Begins the checks of a batch.</summary>
    /// <returns>One report for each, in the same order.</returns>
    public async Task<IReadOnlyList<Task<VmMigrationReadiness>>> StartAsync(IReadOnlyList<MigrationRequest> requests)
    {
        await _contexts.OpenAsync(requests, keepCapacity: false).ConfigureAwait(false);
        var ahead = new Dictionary<HostConnection, List<VmFacts>>();
        var reports = new List<Task<VmMigrationReadiness>>();
        foreach (var request in requests)
        {
            var before = ahead.TryGetValue(request.Destination, out var known) ? known : ahead[request.Destination] = [];
            reports.Add(CheckAsync(request, [.. before], c => c.IsIncluded(selection)));
            before.Add(_contexts.Facts(request));
        }

        return reports;
    }

    /// <summary>Checks one migration of a batch when its turn has come.</summary>
    public async Task<VmMigrationReadiness> CheckAsync(
        MigrationRequest request, IReadOnlyList<MigrationRequest> ahead, Func<ReadinessCheck, bool> isWanted)
    {
        await _contexts.OpenAsync([.. ahead, request], keepCapacity: ahead.Count > 0).ConfigureAwait(false);
        return await CheckAsync(request, [.. ahead.Select(_contexts.Facts)], isWanted).ConfigureAwait(false);
    }

    private async Task<VmMigrationReadiness> CheckAsync(
        MigrationRequest request, IReadOnlyList<VmFacts> ahead, Func<ReadinessCheck, bool> isWanted)
    {
        var context = _contexts.Get(request, ahead);
        var time = DateTimeOffset.Now;
        var results = await Task.WhenAll(ReadinessCheck.All.Where(isWanted).Select(c => c.RunAsync(context, cancellationToken))).ConfigureAwait(false);
        return new()
        {
            Vm = request.Vm.Name,
            Uuid = request.Vm.Uuid,
            Source = request.Source.Described,
            Destination = request.Destination.Described,
            IsStrict = selection.IsStrict,
            Checks = results,
            Skipped = [.. ReadinessCheck.All.Where(c => c.IsSkipped(selection)).Select(c => c.Id)],
            Options = request.Options.ToValues(),
            Policy = request.Policy,
            Time = time,
        };
    }
}
