using System.Collections.Concurrent;
using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Finds and follows migrations on the connected hosts, whoever started them.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="registry">The session's own migrations.</param>
public sealed class MigrationJobMonitor(HostConnections connections, MigrationRegistry registry)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SightPatience = TimeSpan.FromSeconds(15);

    /// <summary>Lists the migrations on some hosts: under way, queued here, and those that ended last.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>One entry a VM, merged from what its hosts say.</returns>
    public async Task<MigrationJobListing> GetAsync(IEnumerable<HostConnection> hosts, CancellationToken cancellationToken)
    {
        var failures = new ConcurrentBag<KeyValuePair<HostConnection, HypervisorException>>();
        var reads = await Task.WhenAll(hosts.Select(ReadHostAsync)).ConfigureAwait(false);
        var seen = reads.SelectMany(j => j).GroupBy(j => j.Uuid).Select(g => Complete(g.Aggregate(MigrationJobMerge.Merge)));
        var waiting = registry.Current
            .Where(c => c.Progress.Phase is MigrationPhase.Queued or MigrationPhase.Checking)
            .Select(c => FromRegistry(c.Request, c.Progress));

        // A VM that waits here for its next move may also have an earlier one that its hosts remember.
        var jobs = waiting.Concat(seen).GroupBy(j => j.Uuid).Select(g => g.First());
        return new([.. jobs], [.. failures]);

        async Task<IReadOnlyList<VmMigrationJobInfo>> ReadHostAsync(HostConnection host)
        {
            try
            {
                return await host.ReadAsync(h => MigrationJobReader.ReadAllAsync(h, cancellationToken), cancellationToken).ConfigureAwait(false);
            }
            catch (HypervisorException e)
            {
                failures.Add(new(host, e));
                return [];
            }
        }
    }

    /// <summary>Reads one migration again.</summary>
    /// <param name="job">The migration as it was seen.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The migration now; null where its hosts know of none.</returns>
    public async Task<VmMigrationJobInfo?> RefreshAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        VmMigrationJobInfo? seen = null;
        foreach (var host in new[] { job.Source, job.Destination }.OfType<VmHost>())
        {
            var found = await Connection(host).ReadAsync(h => ReadAsync(h, job.Uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
            if (found is not null && MigrationJobMerge.IsEarlier(found, job))
            {
                continue;
            }

            seen = (seen, found) switch
            {
                (null, _) => found,
                (_, null) => seen,
                ({ } a, { } b) => MigrationJobMerge.Merge(a, b),
            };
        }

        return seen is null ? null : Complete(seen with { Source = seen.Source ?? job.Source, Destination = seen.Destination ?? job.Destination });
    }

    /// <summary>Follows a migration to its end.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="progress">Hears how it goes.</param>
    /// <param name="cancellationToken">Stops following; the migration goes on.</param>
    /// <returns>How it ended, as its hosts were found.</returns>
    public async Task<VmMigrationJobInfo> WaitAsync(
        VmMigrationJobInfo job, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);
        var tracker = new ProgressTracker(job.Vm);
        var last = job;
        var lastSeen = Environment.TickCount64;
        while (true)
        {
            if (await RefreshAsync(last, cancellationToken).ConfigureAwait(false) is { Status: MigrationJobStatus.Running } seen)
            {
                last = seen;
                lastSeen = Environment.TickCount64;
                if (seen.Statistics is { } statistics)
                {
                    progress?.Report(tracker.Update(statistics, seen.Phase, seen.MaxDowntime));
                }
            }
            else
            {
                // A job that somebody's command hides for a moment, or whose last step is being taken, is about to be seen again.
                var (ended, isUnderWay) = await ConcludeAsync(last, cancellationToken).ConfigureAwait(false);
                if (!isUnderWay || Environment.TickCount64 - lastSeen > SightPatience.TotalMilliseconds)
                {
                    return ended;
                }
            }

            await Task.Delay(Interval, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks on both hosts what has become of a migration that is followed no longer.</summary>
    /// <param name="last">The migration as it was last seen.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How it ended, and whether it may only have been out of sight for a moment.</returns>
    internal async Task<(VmMigrationJobInfo Job, bool IsUnderWay)> ConcludeAsync(VmMigrationJobInfo last, CancellationToken cancellationToken)
    {
        var ended = await RefreshAsync(last, cancellationToken).ConfigureAwait(false) ?? last;
        return await new MigrationJobConclusion(connections).LookAsync(ended, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<VmMigrationJobInfo?> ReadAsync(IHypervisor hypervisor, Guid uuid, CancellationToken cancellationToken) =>
        await hypervisor.FindVmAsync(uuid, cancellationToken).ConfigureAwait(false) is { } vm
            ? await MigrationJobReader.ReadAsync(hypervisor, vm, cancellationToken).ConfigureAwait(false)
            : null;

    private static VmMigrationJobInfo FromRegistry(MigrationRequest request, MigrationProgress progress) => new()
    {
        Vm = request.Vm.Name,
        Uuid = request.Vm.Uuid,
        Source = request.Source.Host ?? request.Vm.VmHost,
        Destination = request.Destination.Host,
        Status = MigrationJobStatus.Queued,
        Phase = progress.Phase,
    };

    // Libvirt does not tell a source's client where the VM goes, nor how earlier passes went; a migration of this session knows.
    private VmMigrationJobInfo Complete(VmMigrationJobInfo job)
    {
        if (registry.Current.FirstOrDefault(c => c.Request.Vm.Uuid == job.Uuid) is not { Request: { } request, Progress: { } progress })
        {
            return job;
        }

        job = job with { Destination = job.Destination ?? request.Destination.Host };
        return job.Status == MigrationJobStatus.Running && progress.Phase == job.Phase && progress.Iteration == job.Iteration && job.Iteration > 0
            ? job with { TimeLeft = Less(progress.TimeLeft, job.Duration - progress.Elapsed), ImpliedDowntime = progress.ImpliedDowntime }
            : job;
    }

    private static TimeSpan? Less(TimeSpan? left, TimeSpan passed) => left > passed ? left - passed : left is null ? null : TimeSpan.Zero;

    private HostConnection Connection(VmHost host) => connections.Get(HostAddress.Parse(host.Uri));
}
