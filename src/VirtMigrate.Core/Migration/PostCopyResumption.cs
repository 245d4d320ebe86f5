using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>
/// Resumes a post-copy migration that broke and follows it until the guest has all of its memory on the destination. Never waits
/// for longer than a given time without progress, whatever the daemons and QEMUs do.
/// </summary>
internal static class PostCopyResumption
{
    /// <summary>Resumes the migration.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="registry">The session's migrations.</param>
    /// <param name="progress">Hears how it goes.</param>
    /// <param name="cancellationToken">Stops following; the migration goes on, and the report says so.</param>
    /// <returns>What became of the VM, and why it has not arrived whole.</returns>
    /// <exception cref="MigrationException">
    /// There is no broken post-copy of the VM between these hosts. Source and destination are one host.
    /// </exception>
    /// <exception cref="MigrationException">This session follows the migration already.</exception>
    /// <exception cref="HypervisorException">A host can't be reached.</exception>
    public static async Task<MigrationReport> RunAsync(
        PostCopyResumeRequest request, MigrationRegistry registry, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(request, cancellationToken).ConfigureAwait(false);
        using var entry = registry.Enter(
            new() { Vm = plan.Vm, Source = request.Source, Destination = request.Destination, Options = request.Options }, progress);
        return entry.End(await MigrationDriver.RunAsync(plan, entry, TimeProvider.System, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Asks both hosts whether there is something to resume, and settles how.</summary>
    /// <param name="request">The migration.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The plan.</returns>
    internal static async Task<MigrationPlan> PlanAsync(PostCopyResumeRequest request, CancellationToken cancellationToken)
    {
        var source = await request.Source.GetAsync(cancellationToken).ConfigureAwait(false);
        var destination = await request.Destination.GetAsync(cancellationToken).ConfigureAwait(false);
        if (ReferenceEquals(request.Source, request.Destination))
        {
            throw RequestFailures.SameHost(request.Vm, source.Host, destination.Host, $"the URI {source.Host.Uri}");
        }

        var looking = source.FindVmAsync(request.Uuid, cancellationToken);
        var there = await destination.FindVmAsync(request.Uuid, cancellationToken).ConfigureAwait(false);
        var here = await looking.ConfigureAwait(false);
        if (here is not { Status.IsPostCopyHalf: true } && there is not { Status.IsPostCopyHalf: true })
        {
            var seen = await MigrationVerifier.VerifyAsync(
                request.Uuid, request.Vm, request.Source, request.Destination, hasMovedOffline: null, cancellationToken).ConfigureAwait(false);
            throw OutcomeFailures.HasNothingToResume(request.Vm, seen.Message);
        }

        // In post-copy is only a guest that ran.
        var vm = here ?? there!;
        return new(vm with { Name = request.Vm, Status = MigrationPlan.RunningBefore }, request.Source, request.Destination, source.Host, destination.Host,
            request.Options)
        {
            Role = MigrationRole.Resume,
            StallTimeout = request.Timeout,
        };
    }
}

/// <summary>A broken post-copy migration that is to go on.</summary>
internal sealed record PostCopyResumeRequest
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that holds the half that the guest left.</summary>
    public required HostConnection Source { get; init; }

    /// <summary>The host that holds the half that the guest runs in.</summary>
    public required HostConnection Destination { get; init; }

    /// <summary>The options of the resumption, as <see cref="PostCopyResumeOptions"/> makes them.</summary>
    public required MigrationOptionSet Options { get; init; }

    /// <summary>How long nothing may move before it is given up.</summary>
    public required TimeSpan Timeout { get; init; }
}

/// <summary>
/// Makes the options that resume a migration. Libvirt has kept what concerns the VM; what concerns the way, and what is to be
/// done with the source in the end, has to be said again (virDomainMigrateFlags, VIR_MIGRATE_POSTCOPY_RESUME).
/// </summary>
internal static class PostCopyResumeOptions
{
    private static readonly MigrationOption[] Kept =
    [
        MigrationOptions.Persistent, MigrationOptions.UndefineSource, MigrationOptions.NewName, MigrationOptions.PostCopyBandwidth,
        MigrationOptions.MigrateUri, MigrationOptions.ListenAddress, MigrationOptions.Tls, MigrationOptions.TlsDestination,
    ];

    /// <summary>Makes the options.</summary>
    /// <param name="original">The options of the migration that broke, as far as they are known.</param>
    /// <param name="given">What the user asks for now; goes before the original's.</param>
    /// <returns>The options of the resumption.</returns>
    public static MigrationOptionSet Of(MigrationOptionSet original, MigrationOptionSet given)
    {
        var options = MigrationOptionSet.Empty
            .With(MigrationOptions.Live, true)
            .With(MigrationOptions.PostCopy, true)
            .With(MigrationOptions.PostCopyResume, true);
        foreach (var (option, value) in original.Enabled.Where(o => Kept.Contains(o.Key)).Concat(given.Enabled))
        {
            options = given.IsDecided(option) && !given.Has(option) ? options : options.With(option, value);
        }

        // Where this side drives both daemons it can let go of one that hangs; a source's daemon that waits for the other can't be freed.
        return options.Has(MigrationOptions.PeerToPeer) ? options : options.With(MigrationOptions.ChangeProtection, true);
    }
}
