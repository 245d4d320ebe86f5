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
        ArgumentNullException.ThrowIfNull(requests);
        await _contexts.OpenAsync(requests, keepCapacity: false).ConfigureAwait(false);
        var ahead = new Dictionary<HostConnection, List<VmFacts>>();
        var reports = new List<Task<VmMigrationReadiness>>();
        foreach (var request in requests)
        {
            var before = ahead.TryGetValue(request.Destination, out var known) ? known : ahead[request.Destination] = [];
            reports.Add(CheckAsync(request, [.. before], selection.Includes));
            before.Add(_contexts.Facts(request));
        }

        return reports;
    }

    /// <summary>Checks one migration of a batch when its turn has come.</summary>
    public async Task<VmMigrationReadiness> CheckAsync(
        MigrationRequest request, IReadOnlyList<MigrationRequest> ahead, Func<ReadinessCheck, bool> isWanted)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(ahead);
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
            Source = CheckContexts.Describe(request.Source),
            Destination = CheckContexts.Describe(request.Destination),
            IsStrict = selection.IsStrict,
            Checks = results,
            Skipped = [.. ReadinessCheck.All.Where(selection.Skips).Select(c => c.Id)],
            Options = MigrationOptionValues.Of(request.Options),
            Policy = request.Policy,
            Time = time,
        };
    }
}

/// <summary>Which checks are made, and how strictly.</summary>
internal sealed record ReadinessSelection
{
    /// <summary>Stands for all checks in a list of those to skip.</summary>
    public const string All = "All";

    /// <summary>The categories to look at; empty for all.</summary>
    public IReadOnlyCollection<ReadinessCategory> Categories { get; init; } = [];

    /// <summary>The ids of checks to leave out, in any case.</summary>
    public IReadOnlyCollection<string> Skip { get; init; } = [];

    /// <summary>Whether only those checks are made that Start-VmMigration makes by itself.</summary>
    public bool QuickOnly { get; init; }

    /// <summary>Whether what can't be verified counts as an obstacle.</summary>
    public bool IsStrict { get; init; }

    /// <summary>How long to measure each running VM's dirty rate; null to go by the last measured one.</summary>
    public TimeSpan? DirtyRatePeriod { get; init; }

    /// <summary>Whether a text is the id of a check, or stands for all.</summary>
    public static bool Knows(string id) =>
        string.Equals(id, All, StringComparison.OrdinalIgnoreCase) ||
        ReadinessCheck.All.Any(c => string.Equals(c.Id, id, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a text is the id of a check that protects data, and so is made even if it is to be skipped.</summary>
    public static bool Protects(string id) =>
        ReadinessCheck.All.Any(c => c.ProtectsData && string.Equals(c.Id, id, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a check is made.</summary>
    public bool Includes(ReadinessCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return (Categories.Count == 0 || Categories.Contains(check.Category)) && (check.IsQuick || !QuickOnly) && !Skips(check);
    }

    /// <summary>Whether a check is left out on request. One that protects data never is.</summary>
    public bool Skips(ReadinessCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return !check.ProtectsData &&
            (Skip.Contains(All, StringComparer.OrdinalIgnoreCase) || Skip.Contains(check.Id, StringComparer.OrdinalIgnoreCase));
    }
}
