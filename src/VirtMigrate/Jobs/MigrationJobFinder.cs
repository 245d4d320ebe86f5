using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Selection;
using VirtMigrate.Session;

namespace VirtMigrate.Jobs;

/// <summary>Finds the migrations that selectors name, on all hosts that may know of them.</summary>
/// <param name="session">The session.</param>
/// <param name="hosts">The hosts that the user named; null for all that are connected.</param>
/// <param name="report">Takes errors.</param>
internal sealed class MigrationJobFinder(ModuleSession session, IReadOnlyList<HostConnection>? hosts, Action<ErrorRecord> report)
{
    private readonly VmNames _names = new(session.Connections);
    private IReadOnlyList<VmMigrationJobInfo>? _jobs;
    private bool _hasFailed;

    /// <summary>Finds the migrations.</summary>
    /// <param name="selectors">The selectors; none names every migration.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The migrations, each once: under way, and the last one of a VM that was named by itself.</returns>
    public async Task<IReadOnlyList<VmMigrationJobInfo>> FindAsync(
        IReadOnlyCollection<VmSelector> selectors, CancellationToken cancellationToken)
    {
        var found = new List<VmMigrationJobInfo>();
        foreach (var selector in selectors)
        {
            if (selector.Reference is VmMigrationJobInfo job)
            {
                found.Add(job);
                continue;
            }

            try
            {
                var (matches, isPattern) = await MatchAsync(selector, selectors, cancellationToken).ConfigureAwait(false);
                found.AddRange(isPattern ? matches.Where(IsUnderWay) : matches);

                // A host that could not be asked may well know of one.
                if (matches.Count == 0 && !isPattern && !_hasFailed)
                {
                    throw VmFailures.IsNotMigrating(selector.ToString());
                }
            }
            catch (Exception e) when (ErrorRecordFactory.Knows(e))
            {
                report(ErrorRecordFactory.Create(e, selector.Target));
            }
        }

        return [.. found.DistinctBy(j => (j.Uuid, j.Source?.Uri))];
    }

    /// <summary>Finds the migrations of VMs, also those that have ended. That a VM has none is no error.</summary>
    /// <param name="selectors">The selectors.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The migrations, each once and in the order of the listing.</returns>
    public async Task<IReadOnlyList<VmMigrationJobInfo>> ShowAsync(IReadOnlyCollection<VmSelector> selectors, CancellationToken cancellationToken)
    {
        var found = new HashSet<VmMigrationJobInfo>(ReferenceEqualityComparer.Instance);
        foreach (var selector in selectors)
        {
            try
            {
                found.UnionWith((await MatchAsync(selector, selectors, cancellationToken).ConfigureAwait(false)).Jobs);
            }
            catch (HypervisorException e)
            {
                report(ErrorRecordFactory.Create(e, selector.Target));
            }
        }

        return [.. (await ListAsync(selectors, cancellationToken).ConfigureAwait(false)).Where(found.Contains)];
    }

    /// <summary>Finds the migrations of the VMs that one selector names, whatever their states.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="all">Objects that may name hosts that are not connected yet.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The migrations, and whether the selector is a wildcard, which may name none.</returns>
    /// <exception cref="HypervisorException">It is not clear which VM the name means.</exception>
    public async Task<(IReadOnlyList<VmMigrationJobInfo> Jobs, bool IsPattern)> MatchAsync(
        VmSelector selector, IEnumerable<VmSelector> all, CancellationToken cancellationToken)
    {
        var jobs = await ListAsync(all, cancellationToken).ConfigureAwait(false);
        if (selector.Uuid is { } uuid)
        {
            return ([.. jobs.Where(j => j.Uuid == uuid)], false);
        }

        // A VM that has no migration still has its name.
        var (choice, refusal) = await _names
            .ChooseAsync(selector.Name!, [.. jobs.Select(j => j.Vm)], asked: [], unasked: null, cancellationToken).ConfigureAwait(false);
        return choice.Kind is VmNameKind.Ambiguous or VmNameKind.Undecided
            ? throw refusal!
            : ([.. jobs.Where(j => choice.Includes(j.Vm))], choice.Kind == VmNameKind.Pattern);
    }

    /// <summary>Lists all migrations, as far as the hosts answer. One host's failure is that host's error only.</summary>
    /// <param name="selectors">Objects that may name hosts that are not connected yet.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The migrations.</returns>
    public async Task<IReadOnlyList<VmMigrationJobInfo>> ListAsync(
        IEnumerable<VmSelector> selectors, CancellationToken cancellationToken)
    {
        if (_jobs is not null)
        {
            return _jobs;
        }

        var listing = await new MigrationJobMonitor(session.Connections, session.Registry)
            .GetAsync(ChooseHosts(selectors), cancellationToken).ConfigureAwait(false);
        foreach (var (host, failure) in listing.Failures)
        {
            _hasFailed = true;
            report(ErrorRecordFactory.Create(failure, host.Address.Uri));
        }

        return _jobs = listing.Jobs;
    }

    private static bool IsUnderWay(VmMigrationJobInfo job) => job.Status is not (MigrationJobStatus.Completed or MigrationJobStatus.Failed);

    private IEnumerable<HostConnection> ChooseHosts(IEnumerable<VmSelector> selectors)
    {
        if (hosts is not null)
        {
            return hosts;
        }

        var named = selectors.Select(s => s.VmHost).OfType<string>().Select(session.Connections.Get);
        var known = session.Connections.Opened.Concat(named).Distinct().ToList();

        // On a hypervisor itself nobody connects anything first.
        return known.Count > 0 ? known : [session.Connections.Get(HostAddresses.DefaultSource)];
    }
}
