using System.Diagnostics;
using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>Carries out what a policy, a timeout and -PostCopyAfterPrecopy decide over a migration, and records it.</summary>
/// <param name="plan">The migration.</param>
/// <param name="recorder">Takes the decisions.</param>
internal sealed class MigrationSteering(MigrationPlan plan, MigrationRecorder recorder)
{
    // QEMU's own limit, where the host can't be asked for it.
    private static readonly TimeSpan UsualMaxDowntime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(10);

    private readonly bool _canPostCopy = plan.Options.Flags.HasFlag(MigrationFlags.PostCopy);
    private readonly TaskCompletionSource<MigrationDecision> _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PolicyController? _controller;
    private TimeSpan? _formerMaxDowntime;
    private bool _isPostCopy;
    private bool _isFirstPassOver;

    /// <summary>Ends with the decision to give the migration up.</summary>
    public Task<MigrationDecision> GivenUp => _givenUp.Task;

    /// <summary>The time that was up when the migration was given up; null where the time was not why.</summary>
    public TimeSpan? TimedOut { get; private set; }

    /// <summary>The moment at which the guest was suspended (Stopwatch.GetTimestamp); null where it was not.</summary>
    public long? SuspendedAt { get; private set; }

    /// <summary>Sets the standstill that is allowed at the begin, and gets ready to decide.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the host has taken the limit.</returns>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        foreach (var decision in plan.Decisions)
        {
            recorder.Add(decision);
        }

        if (!plan.IsLive)
        {
            return;
        }

        // QEMU keeps the limit with the guest, so that it is put back where the guest stays.
        if (plan.Limits.MaxDowntime is not null || plan.Policy is { SetsMaxDowntime: true })
        {
            var source = await plan.Source.GetAsync(cancellationToken).ConfigureAwait(false);
            _formerMaxDowntime = await source.GetMaxDowntimeAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
            if (plan.Limits.MaxDowntime is { } limit)
            {
                await source.SetMaxDowntimeAsync(plan.Vm.Uuid, limit, cancellationToken).ConfigureAwait(false);
            }
        }

        if (plan.Policy is { } policy)
        {
            _controller = new(policy, new(_canPostCopy, plan.GivenMaxDowntime, plan.Limits.Timeout),
                plan.Limits.MaxDowntime ?? _formerMaxDowntime ?? UsualMaxDowntime);
        }
    }

    /// <summary>Takes note of where the guest is.</summary>
    /// <param name="isPostCopy">Whether it is in post-copy.</param>
    /// <param name="isStopped">Whether the migration has stopped it.</param>
    public void See(bool isPostCopy, bool isStopped)
    {
        _isPostCopy |= isPostCopy;
        if (isPostCopy || (isStopped && SuspendedAt is null))
        {
            _controller?.EndDeciding();
        }
    }

    /// <summary>Takes in the state of the migration between the begins of passes.</summary>
    /// <param name="sample">The state.</param>
    public void Observe(MigrationSample sample) => _controller?.Observe(sample);

    /// <summary>Decides at the begin of a pass.</summary>
    /// <param name="sample">The state of the migration.</param>
    /// <returns>A task that ends when the decisions have been carried out.</returns>
    public async Task DecideAsync(MigrationSample sample)
    {
        if (plan.Options.Has(MigrationOptions.PostCopyAfterPrecopy) && sample.Iteration > 1 && !_isFirstPassOver)
        {
            _isFirstPassOver = true;
            await ApplyAsync(new()
            {
                Elapsed = sample.Elapsed,
                Iteration = sample.Iteration,
                Action = MigrationAction.PostCopy,
                Reason = "the first pass over memory has ended, and -PostCopyAfterPrecopy was given: switch to post-copy",
                Remaining = sample.Remaining,
            }).ConfigureAwait(false);
        }

        foreach (var decision in _controller?.DecideAt(sample) ?? [])
        {
            await ApplyAsync(decision).ConfigureAwait(false);
        }
    }

    /// <summary>Decides when a step of the policy took too long.</summary>
    /// <returns>A task that ends when the decision has been carried out.</returns>
    public async Task TickAsync()
    {
        if (_controller?.Tick(recorder.Elapsed) is { } decision)
        {
            await ApplyAsync(decision).ConfigureAwait(false);
        }
    }

    /// <summary>Does what was asked for when the time is up.</summary>
    /// <returns>A task that ends when it is done.</returns>
    public async Task TimeUpAsync()
    {
        var decision = TimeoutRule.Decide(plan.Limits.OnTimeout, plan.Limits.Timeout ?? TimeSpan.Zero, recorder.Elapsed, _canPostCopy,
            _isPostCopy, SuspendedAt is not null);
        TimedOut = decision is { Action: MigrationAction.Abort, Status: MigrationDecisionStatus.Done } ? plan.Limits.Timeout : null;
        if (await ApplyAsync(decision).ConfigureAwait(false))
        {
            _controller?.EndDeciding();
        }
    }

    /// <summary>Records that somebody asked to stop what can't be stopped.</summary>
    public void RefuseStop() => recorder.Add(new MigrationDecision
    {
        Elapsed = recorder.Elapsed,
        Action = MigrationAction.Abort,
        Status = MigrationDecisionStatus.Skipped,
        Reason = "a stop was asked for, but post-copy can't be taken back; its end is waited for",
    });

    /// <summary>Gives the guest that has stayed its former limit back.</summary>
    /// <returns>A task that ends when the host has taken it, or refused.</returns>
    public async Task RestoreAsync()
    {
        if (_formerMaxDowntime is not { } limit)
        {
            return;
        }

        try
        {
            using var patience = new CancellationTokenSource(RequestPatience);
            var source = await plan.Source.GetAsync(patience.Token).ConfigureAwait(false);
            await source.SetMaxDowntimeAsync(plan.Vm.Uuid, limit, patience.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // The limit concerns later migrations only, and each of them can set its own.
        }
    }

    private async Task<bool> ApplyAsync(MigrationDecision decision)
    {
        var error = decision.Status == MigrationDecisionStatus.Done ? await RequestAsync(decision).ConfigureAwait(false) : null;
        if (error is not null)
        {
            decision = decision with { Status = MigrationDecisionStatus.Refused, Error = error };
            _controller?.Refuse(decision);
        }

        recorder.Add(decision);
        if (decision is { Action: MigrationAction.Abort, Status: MigrationDecisionStatus.Done })
        {
            _givenUp.TrySetResult(decision);
        }

        return decision.Status == MigrationDecisionStatus.Done;
    }

    // The abort is the caller's, who knows how to see it through.
    private async Task<string?> RequestAsync(MigrationDecision decision)
    {
        if (decision.Action is MigrationAction.Continue or MigrationAction.SetOption or MigrationAction.Abort)
        {
            return null;
        }

        try
        {
            using var patience = new CancellationTokenSource(RequestPatience);
            var source = await plan.Source.GetAsync(patience.Token).ConfigureAwait(false);
            await RequestAsync(decision, source, patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (HypervisorException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {PolicyWording.Seconds(RequestPatience)}";
        }
    }

    private async Task RequestAsync(MigrationDecision decision, IHypervisor source, CancellationToken cancellationToken)
    {
        switch (decision.Action)
        {
            case MigrationAction.SetMaxDowntime:
                await source.SetMaxDowntimeAsync(plan.Vm.Uuid, decision.MaxDowntime ?? UsualMaxDowntime, cancellationToken).ConfigureAwait(false);
                break;
            case MigrationAction.PostCopy:
                await source.StartPostCopyAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
                break;
            case MigrationAction.Suspend:
                // Set before, since the event of it may come before the answer.
                SuspendedAt = Stopwatch.GetTimestamp();
                await SuspendAsync(source, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(decision), decision.Action, "Only steps that a host takes are requested.");
        }
    }

    private async Task SuspendAsync(IHypervisor source, CancellationToken cancellationToken)
    {
        try
        {
            await source.SuspendVmAsync(plan.Vm.Uuid, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            SuspendedAt = null;
            throw;
        }
    }
}
