using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Finds and follows migrations on the connected hosts, whoever started them.</summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="registry">The session's own migrations.</param>
internal sealed class MigrationJobMonitor(HostConnections connections, MigrationRegistry registry)
{
    /// <summary>Lists the migrations on some hosts: under way, queued here, and those that ended last.</summary>
    /// <param name="hosts">The hosts.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>One entry a VM, merged from what its hosts say.</returns>
    public async Task<MigrationJobListing> GetAsync(IEnumerable<HostConnection> hosts, CancellationToken cancellationToken)
    {
        var failures = new ConcurrentBag<KeyValuePair<HostConnection, HypervisorException>>();
        var reads = await Task.WhenAll(hosts.Select(ReadHostAsync)).ConfigureAwait(false);
        var seen = reads.SelectMany(j => j).GroupBy(j => j.Uuid).Select(g => g.Aggregate(MigrationJobMerge.Merge))
            .Where(j => !MigrationJobMerge.IsMereArrival(j)).Select(Complete);
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
    /// <param name="cancellationToken">Cancels.</param>
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

        return seen is null || MigrationJobMerge.IsMereArrival(seen) ? null : Complete(seen with { Source = seen.Source ?? job.Source, Destination = seen.Destination ?? job.Destination });
    }

    /// <summary>Follows a migration to its end.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="progress">Hears how it goes; called from any thread.</param>
    /// <param name="cancellationToken">Stops following; the migration goes on.</param>
    /// <returns>How it ended, as its hosts were found.</returns>
    /// <exception cref="HypervisorException">A host can't be asked.</exception>
    public async Task<VmMigrationJobInfo> WaitAsync(
        VmMigrationJobInfo job, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(job);

        // Who makes it knows more than its hosts tell, and gives the verdict.
        return registry.Find(job.Uuid) is { } own && await own.FollowAsync(progress, cancellationToken).ConfigureAwait(false) is { Result.Verification: var verdict }
            ? await ConcludeAsync(job, verdict, cancellationToken).ConfigureAwait(false)
            : await FollowAsync(job, MigrationRequested.None, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Follows a migration, and has its source asked for something as soon as it is seen there.</summary>
    /// <param name="job">The migration.</param>
    /// <param name="steering">What its source is asked for.</param>
    /// <param name="progress">Hears how it goes; called from any thread.</param>
    /// <param name="cancellationToken">Stops following; what was asked for stands.</param>
    /// <returns>How it ended; or the migration in post-copy, where that was asked for.</returns>
    /// <exception cref="MigrationException">What was asked for can't be done with it.</exception>
    /// <exception cref="HypervisorException">A host can't be asked, or refused.</exception>
    internal async Task<VmMigrationJobInfo> FollowAsync(
        VmMigrationJobInfo job, MigrationRequested steering, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(job, steering, cancellationToken).ConfigureAwait(false);
        var conclusion = await MigrationDriver.FollowAsync(plan, progress, TimeProvider.System, cancellationToken)
            .WaitAsync(cancellationToken).ConfigureAwait(false);
        if (conclusion.Failure is MigrationException or HypervisorException)
        {
            ExceptionDispatchInfo.Throw(conclusion.Failure);
        }

        if (steering != MigrationRequested.StartPostCopy || conclusion.Verification is { IsInProgress: false, MayTakeEffect: false })
        {
            return await FindOtherHostAsync(job, cancellationToken).ConfigureAwait(false) is { } whole
                ? await FollowAsync(whole, MigrationRequested.None, progress, cancellationToken).ConfigureAwait(false)
                : await ConcludeAsync(job, conclusion.Verification, cancellationToken).ConfigureAwait(false);
        }

        // What was left may have crossed faster than the look.
        return await RefreshAsync(job, cancellationToken).ConfigureAwait(false) is { Status: MigrationJobStatus.Running } switched
            ? switched
            : await FollowAsync(job, MigrationRequested.None, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says of a migration what the verdict over it says of the VM, with what its hosts tell of it now.</summary>
    /// <param name="job">The migration as it was seen.</param>
    /// <param name="verification">The verdict.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How it ended.</returns>
    public async Task<VmMigrationJobInfo> ConcludeAsync(
        VmMigrationJobInfo job, VmMigrationVerification verification, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(verification);
        return MigrationJobConclusion.Of(await RefreshAsync(job, cancellationToken).ConfigureAwait(false) ?? job, verification);
    }

    // The source does not tell where a VM goes, nor the destination where it comes from. The other host may have had nothing to show yet when the
    // migration was found; it has when the VM has arrived.
    private async Task<VmMigrationJobInfo?> FindOtherHostAsync(VmMigrationJobInfo job, CancellationToken cancellationToken)
    {
        var others = job is { Source: not null, Destination: not null } ? [] : connections.Opened
            .Where(c => c != Connection(job.Source) && c != Connection(job.Destination));
        foreach (var other in others)
        {
            try
            {
                var found = await other.ReadAsync(h => ReadAsync(h, job.Uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
                switch (found)
                {
                    case null:
                    case var _ when MigrationJobMerge.IsEarlier(found, job):
                        break;
                    case { Destination: { } destination } when job.Destination is null:
                        return job with { Destination = destination };
                    case { Source: { } source } when job.Source is null:
                        return job with { Source = source };
                }
            }
            catch (HypervisorException)
            {
                // It is asked as one of many that may have the VM.
            }
        }

        return null;
    }

    private async Task<MigrationPlan> PlanAsync(VmMigrationJobInfo job, MigrationRequested steering, CancellationToken cancellationToken)
    {
        var (source, destination) = (Connection(job.Source), Connection(job.Destination));
        Vm? vm = null;
        foreach (var host in new[] { source, destination }.Where(h => h.IsKnown))
        {
            vm ??= await host.ReadAsync(h => h.FindVmAsync(job.Uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        var (from, to) = (Describe(source, job.Source), Describe(destination, job.Destination));
        vm ??= new() { Name = job.Vm, Uuid = job.Uuid, Status = MigrationPlan.RunningBefore, VmHost = from };
        return new(vm with { Status = MigrationPlan.BeforeOf(vm.Status) }, source, destination, from, to, MigrationOptionSet.Empty)
        {
            Role = MigrationRole.Follow,
            Steering = steering,
            IsBeforeKnown = job.Status == MigrationJobStatus.Running,
        };
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
        if (registry.Find(job.Uuid) is not { Request: { } request, Progress: { } progress })
        {
            return job;
        }

        job = job with { Destination = job.Destination ?? request.Destination.Host };
        return job.Status == MigrationJobStatus.Running && progress.Phase == job.Phase && progress.Iteration == job.Iteration && job.Iteration > 0
            ? job with { TimeLeft = Less(progress.TimeLeft, job.Duration - progress.Elapsed), ImpliedDowntime = progress.ImpliedDowntime }
            : job;
    }

    private static TimeSpan? Less(TimeSpan? left, TimeSpan passed) => left > passed ? left - passed : left is null ? null : TimeSpan.Zero;

    private static VmHost Describe(HostConnection connection, VmHost? known) => connection.Host ?? known ?? VmHost.Unreached(connection.Address);

    private HostConnection Connection(VmHost? host) => host is null ? HostConnection.Unknown : connections.Get(HostAddress.Parse(host.Uri));
}
