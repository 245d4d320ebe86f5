using System.Management.Automation;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Selection;
using VirtMigrate.Session;

namespace VirtMigrate.Jobs;

/// <summary>Finds the migrations in post-copy that selectors name, with the hosts of both halves.</summary>
/// <param name="session">The session.</param>
/// <param name="source">The host of the half that the guest left; null where the hosts or the object tell.</param>
/// <param name="destination">The host of the half that the guest runs in; null where the hosts or the object tell.</param>
/// <param name="report">Takes errors.</param>
internal sealed class PostCopyFinder(ModuleSession session, string? source, string? destination, Action<ErrorRecord> report)
{
    /// <summary>Finds what one selector names.</summary>
    /// <param name="selector">The selector.</param>
    /// <param name="given">The options that the user gave.</param>
    /// <param name="stallTimeout">How long a resumption may stand without progress.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The migrations. Whether they are broken is for their hosts to say.</returns>
    /// <exception cref="MigrationException">A plain name or an object names no VM in post-copy.</exception>
    public async Task<IReadOnlyList<PostCopyResumeRequest>> FindAsync(
        VmSelector selector, MigrationOptionSet given, TimeSpan stallTimeout, CancellationToken cancellationToken)
    {
        var ends = MigrationEnds.Of(selector.Reference);
        var hosts = new[] { source, destination, ends.Source?.Uri, ends.Destination?.Uri }.OfType<string>().Select(session.Connections.Get)
            .Concat(session.Connections.Opened).Distinct().ToList();
        var finder = new MigrationJobFinder(session, hosts.Count > 0 ? hosts : null, report);
        var (jobs, isPattern) = await finder.MatchAsync(selector, [selector], cancellationToken).ConfigureAwait(false);
        var matches = jobs.Where(j => !isPattern || j.Phase == MigrationPhase.PostCopy).ToList();
        if (matches.Count == 0 && !isPattern)
        {
            matches.Add(FromReference(selector, ends));
        }

        var requests = new List<PostCopyResumeRequest>();
        foreach (var job in matches)
        {
            requests.Add(await ToRequestAsync(job, selector, ends, given, stallTimeout, cancellationToken).ConfigureAwait(false));
        }

        return requests;
    }

    // Where a half is gone no host may know of a migration any more; the object still does.
    private static VmMigrationJobInfo FromReference(VmSelector selector, MigrationEnds ends) =>
        selector.Reference is { } reference && ends.Source is not null
            ? new() { Vm = reference.GetVmName(), Uuid = reference.Uuid, Status = MigrationJobStatus.Unknown, Phase = MigrationPhase.PostCopy }
            : throw OutcomeFailures.HasNothingToResume(selector.ToString(), "no connected host knows of a migration of it.");

    private async Task<PostCopyResumeRequest> ToRequestAsync(
        VmMigrationJobInfo job, VmSelector selector, MigrationEnds ends, MigrationOptionSet given, TimeSpan stallTimeout, CancellationToken cancellationToken)
    {
        if (job.Phase != MigrationPhase.PostCopy)
        {
            throw OutcomeFailures.HasNothingToResume(job.Vm, $"its last migration is {job.Status}.");
        }

        var from = Connection(source, job.Source ?? ends.Source)
            ?? throw OutcomeFailures.HasNothingToResume(job.Vm, $"only the half on '{job.Destination?.Name}' can be seen; connect the host that it came from.");
        var to = Connection(destination, job.Destination ?? ends.Destination)
            ?? await MigrationEnds.FindDestinationAsync(session.Connections, from, job.Uuid, job.Vm, cancellationToken).ConfigureAwait(false);
        var original = selector.Reference is VmMigrationResult { Options: var options } ? MigrationOptionSet.FromValues(options) : MigrationOptionSet.Empty;
        var renamed = await FindNewNameAsync(job, to, cancellationToken).ConfigureAwait(false);
        return new()
        {
            Vm = job.Vm,
            Uuid = job.Uuid,
            Source = from,
            Destination = to,
            Options = PostCopyResumeOptions.Of(renamed is null ? original : original.With(MigrationOptions.NewName, renamed), given),
            Timeout = stallTimeout,
        };
    }

    // Libvirt finds the half to go on with by its name, which may be another one at the destination.
    private static async Task<string?> FindNewNameAsync(VmMigrationJobInfo job, HostConnection host, CancellationToken cancellationToken)
    {
        var there = await host.ReadAsync(h => h.FindVmAsync(job.Uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        return there is null || string.Equals(there.Name, job.Vm, StringComparison.Ordinal) ? null : there.Name;
    }

    private HostConnection? Connection(string? named, VmHost? known) => (named ?? known?.Uri) is { } text ? session.Connections.Get(text) : null;
}

/// <summary>The two hosts of a migration, as far as an object tells them.</summary>
/// <param name="Source">The host that the VM was to leave.</param>
/// <param name="Destination">The host that the VM was to reach.</param>
/// <param name="HasMovedOffline">Whether an offline migration moved the VM; null where it was live, or the object does not tell.</param>
internal sealed record MigrationEnds(VmHost? Source, VmHost? Destination, bool? HasMovedOffline = null)
{
    /// <summary>Reads them from an object that names a VM.</summary>
    /// <param name="reference">The object.</param>
    /// <returns>The ends.</returns>
    public static MigrationEnds Of(IVmReference? reference) => reference switch
    {
        VmMigrationResult result => new(result.Source, result.Destination, result.IsLive ? null : result.Outcome == MigrationOutcome.Completed),
        VmMigrationVerification verification => new(verification.Source, verification.Destination),
        VmMigrationJobInfo info => new(info.Source, info.Destination),
        VmMigrationJob job => new(job.Source, job.Destination),
        _ => new(null, null),
    };

    /// <summary>Finds the destination of a migration that names none, in the way of Start-VmMigration.</summary>
    /// <param name="connections">The session's hosts.</param>
    /// <param name="source">The host that the VM leaves or left.</param>
    /// <param name="uuid">The VM's UUID.</param>
    /// <param name="name">The VM's name.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>The destination, open or not.</returns>
    /// <exception cref="MigrationException">None follows, or the source does not know the VM.</exception>
    public static async Task<HostConnection> FindDestinationAsync(
        HostConnections connections, HostConnection source, Guid uuid, string name, CancellationToken cancellationToken)
    {
        var vm = await source.ReadAsync(h => h.FindVmAsync(uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
        return vm is null
            ? throw RequestFailures.NoDestination(name, $"'{source.Host}' does not know the VM.")
            : await new DestinationResolver(connections).ResolveAsync(vm, source, MigrationSettings.None, cancellationToken).ConfigureAwait(false);
    }
}
