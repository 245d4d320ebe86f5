using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Hypervisor;
using VirtMigrate.Migration;
using VirtMigrate.Model;
using VirtMigrate.Selection;
using VirtMigrate.Session;

namespace VirtMigrate.Jobs;

/// <summary>Finds the migrations that selectors name, on all hosts that may know of them.</summary>
/// <param name="session">The session.</param>
/// <param name="hosts">The hosts that the user named; null for all that are connected.</param>
/// <param name="report">Takes errors.</param>
internal sealed class MigrationJobFinder(ModuleSession session, IReadOnlyList<HostConnection>? hosts, Action<ErrorRecord> report)
{
    private IReadOnlyList<VmMigrationJobInfo>? _jobs;
    private bool _hasFailed;

    /// <summary>Finds the migrations.</summary>
    /// <param name="selectors">The selectors; none names every migration.</param>
    /// <param name="cancellationToken">Gives up.</param>
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

            var jobs = await ListAsync(selectors, cancellationToken).ConfigureAwait(false);
            var matches = jobs.Where(j => selector.IsMatch(j) && (!selector.IsPattern || IsUnderWay(j))).ToList();
            // A host that could not be asked may well know of one.
            if (matches.Count == 0 && !selector.IsPattern && !_hasFailed)
            {
                report(ErrorRecordFactory.Create(new NoMigrationException(selector.ToString()) { Vm = selector.ToString() },
                    (object?)selector.Reference ?? selector.ToString()));
            }

            found.AddRange(matches);
        }

        return [.. found.DistinctBy(j => (j.Uuid, j.Source?.Uri))];
    }

    /// <summary>Lists all migrations, as far as the hosts answer. One host's failure is that host's error only.</summary>
    /// <param name="selectors">Objects that may name hosts that are not connected yet.</param>
    /// <param name="cancellationToken">Gives up.</param>
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
        return known.Count > 0 ? known : [session.Connections.Get(HostAddress.DefaultSource)];
    }
}
