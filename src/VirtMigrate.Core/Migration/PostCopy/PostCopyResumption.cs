using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Policies;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Resumes a post-copy migration that broke and follows it until the guest has all of its memory on the destination. Never waits
/// for longer than a given time without progress, whatever the daemons and QEMUs do.
/// </summary>
/// <param name="request">The migration.</param>
/// <param name="registry">The session's migrations.</param>
public sealed class PostCopyResumption(PostCopyResumeRequest request, MigrationRegistry registry)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan NoticePatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(10);

    private readonly ResumeCall _call = new(request);
    private readonly StallClock _clock = new();
    private readonly ProgressTracker _tracker = new(request.Vm);
    private readonly DateTimeOffset _begun = DateTimeOffset.Now;
    private JobStatistics? _last;
    private bool _startedWithSource;

    /// <summary>Resumes the migration.</summary>
    /// <param name="progress">Hears how it goes.</param>
    /// <param name="cancellationToken">Stops following; the migration goes on.</param>
    /// <returns>What became of the VM, and why it has not arrived whole.</returns>
    /// <exception cref="NotPostCopyPausedException">There is no broken post-copy of the VM between these hosts.</exception>
    /// <exception cref="SameHostException">Source and destination are one host.</exception>
    /// <exception cref="VmMigratingException">This session follows the migration already.</exception>
    /// <exception cref="HypervisorException">A host can't be reached.</exception>
    public async Task<MigrationReport> RunAsync(IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        var source = await request.Source.GetAsync(cancellationToken).ConfigureAwait(false);
        var destination = await request.Destination.GetAsync(cancellationToken).ConfigureAwait(false);
        if (ReferenceEquals(request.Source, request.Destination))
        {
            throw new SameHostException(source.Host, destination.Host, $"the URI {source.Host.Uri}") { Vm = request.Vm };
        }

        var seen = await LookAsync(cancellationToken).ConfigureAwait(false);
        if (seen is not { SourceInstance.Status.IsPostCopyHalf: true } and not { DestinationInstance.Status.IsPostCopyHalf: true })
        {
            throw new NotPostCopyPausedException(request.Vm, seen.Message, seen) { Vm = request.Vm };
        }

        _startedWithSource = seen.SourceInstance.Autostart;
        if (!IsOpen(seen))
        {
            return await ReportAsync(seen, seen.IsVerified ? null : new PostCopyLostException(seen) { Vm = request.Vm }).ConfigureAwait(false);
        }

        using var entry = await EnterAsync(source, progress, cancellationToken).ConfigureAwait(false);
        return await FollowAsync(seen, entry, cancellationToken).ConfigureAwait(false);
    }

    private async Task<MigrationReport> FollowAsync(
        VmMigrationVerification seen, MigrationRegistry.Entry progress, CancellationToken cancellationToken)
    {
        while (IsOpen(seen))
        {
            var remaining = await ReadRemainingAsync(progress, cancellationToken).ConfigureAwait(false);
            _clock.Look(seen, remaining);
            if (_clock.Stalled > request.Timeout)
            {
                return await GiveUpAsync(cancellationToken).ConfigureAwait(false);
            }

            if (IsToBeResumed(seen))
            {
                await _call.AskAsync(cancellationToken).ConfigureAwait(false);
            }

            await _call.WaitAsync(Interval).ConfigureAwait(false);
            await Task.Delay(_call.IsPending ? TimeSpan.Zero : Interval, cancellationToken).ConfigureAwait(false);
            seen = await LookAsync(cancellationToken).ConfigureAwait(false);
        }

        // The last that a call does is to drop the source's definition.
        progress.Report(_tracker.Enter(MigrationPhase.Verifying, DateTimeOffset.Now - _begun));
        await _call.WaitAsync(EndPatience).ConfigureAwait(false);
        seen = await LookAsync(cancellationToken).ConfigureAwait(false);
        progress.Report(_tracker.Enter(MigrationPhase.Ended, DateTimeOffset.Now - _begun, seen.IsVerified));
        return await ReportAsync(seen, seen.IsVerified ? null : new PostCopyLostException(seen) { Vm = request.Vm }).ConfigureAwait(false);
    }

    // The half whose QEMU still answers is told to stand still, so that nothing half-done lies between the halves.
    private async Task<MigrationReport> GiveUpAsync(CancellationToken cancellationToken)
    {
        var reason = _call.Failure?.Message.TrimEnd('.') ?? (_call.IsPending ? "libvirt has not answered" : "nothing moves");
        using (var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken))
        {
            patience.CancelAfter(LookPatience);
            try
            {
                var source = await request.Source.GetAsync(patience.Token).ConfigureAwait(false);
                await source.AbortPostCopyAsync(request.Uuid, patience.Token).ConfigureAwait(false);
            }
            catch (HypervisorException)
            {
                // It stood still already, or its host can't be reached.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // The host did not answer in time.
            }
        }

        var seen = await LookAsync(cancellationToken).ConfigureAwait(false);
        return await ReportAsync(seen, seen.IsVerified ? null : new ResumeTimedOutException(seen, request.Timeout, reason) { Vm = request.Vm }).ConfigureAwait(false);
    }

    private async Task<MigrationRegistry.Entry> EnterAsync(
        IHypervisor source, IProgress<MigrationProgress>? progress, CancellationToken cancellationToken)
    {
        var vm = await source.FindVmAsync(request.Uuid, cancellationToken).ConfigureAwait(false)
            ?? throw new VmGoneException(request.Vm, source.Host.Name) { Vm = request.Vm };
        var entry = registry.Enter(
            new() { Vm = vm, Source = request.Source, Destination = request.Destination, Options = request.Options }, progress);
        entry.Report(_tracker.Enter(MigrationPhase.PostCopy, TimeSpan.Zero));
        return entry;
    }

    private async Task<long?> ReadRemainingAsync(MigrationRegistry.Entry progress, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(LookPatience);
        try
        {
            var source = await request.Source.GetAsync(patience.Token).ConfigureAwait(false);
            if ((await source.GetJobAsync(request.Uuid, patience.Token).ConfigureAwait(false)).Statistics is not { IsMigration: true } statistics)
            {
                return null;
            }

            _last = statistics;
            progress.Report(_tracker.Update(statistics, MigrationPhase.PostCopy));
            return statistics.DataRemaining;
        }
        catch (HypervisorException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private Task<VmMigrationVerification> LookAsync(CancellationToken cancellationToken) => MigrationVerifier.VerifyAsync(
        request.Uuid, request.Vm, request.Source, request.Destination, hasMovedOffline: null, cancellationToken, LookPatience);

    private async Task<MigrationReport> ReportAsync(VmMigrationVerification verification, MigrationEndedException? failure)
    {
        var (seen, warnings) = await AfterMove.FinishAsync(verification, _startedWithSource, request.Destination, request.Options).ConfigureAwait(false);
        var (source, destination) = (seen.Source, seen.Destination);
        return new(new VmMigrationResult
        {
            Vm = request.Vm,
            Uuid = request.Uuid,
            Source = source,
            Destination = destination,
            Outcome = seen.Outcome,
            IsLive = true,
            StartTime = _begun,
            EndTime = DateTimeOffset.Now,
            Transferred = _last?.DataProcessed,
            Throughput = _last is null ? null : ProgressTracker.Rate(_last),
            Connections = 1,
            Command = VirshCommand.Migrate(source.Uri, request.Vm, destination.Uri, request.Options, MigrationLimits.None),
            Verification = seen,
            Options = MigrationOptionValues.Of(request.Options),
            Error = failure?.Message,
            ErrorId = failure?.ErrorId,
            CanRetry = failure?.CanRetry,
            Statistics = _last,
            Warnings = warnings,
        }, failure);
    }

    // Where one daemon only lost sight of it, the QEMUs go on by themselves: to be asked then makes libvirt 9.0 miss the end now
    // and then. If nothing moves, that half has not noticed yet that the link is gone.
    private bool IsToBeResumed(VmMigrationVerification seen) => seen.Outcome == MigrationOutcome.PostCopyPaused &&
        (!seen.IsInProgress || _clock.Stalled > (request.Timeout / 2 < NoticePatience ? request.Timeout / 2 : NoticePatience));

    private static bool IsOpen(VmMigrationVerification seen) => seen.Outcome == MigrationOutcome.PostCopyPaused || seen.IsInProgress ||
        !seen.SourceInstance.IsKnown || !seen.DestinationInstance.IsKnown;
}
