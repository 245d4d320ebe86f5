using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>Brings together what a policy, a timeout and -PostCopyAfterPrecopy decide over a migration, has it done, and records it.</summary>
/// <param name="plan">The migration.</param>
/// <param name="steps">Does it.</param>
/// <param name="recorder">Takes the decisions.</param>
internal sealed class MigrationSteering(MigrationPlan plan, MigrationSteps steps, MigrationRecorder recorder)
{
    private readonly bool _canPostCopy = plan.Options.Has(MigrationOptions.PostCopy);
    private readonly TaskCompletionSource<MigrationDecision> _givenUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PolicyController? _controller;
    private bool _isPostCopy;
    private bool _isFirstPassOver;

    /// <summary>Ends with the decision to give the migration up.</summary>
    public Task<MigrationDecision> GivenUp => _givenUp.Task;

    /// <summary>The time that was up when the migration was given up; null where the time was not why.</summary>
    public TimeSpan? TimedOut { get; private set; }

    /// <summary>The standstill that is allowed now.</summary>
    public TimeSpan MaxDowntime => steps.MaxDowntime;

    /// <summary>Whether the guest was suspended until its memory has moved.</summary>
    public bool IsSuspended => steps.SuspendedAt is not null;

    /// <summary>Gets ready to decide, when the standstill to begin with has been set.</summary>
    public void Begin()
    {
        foreach (var decision in plan.Decisions)
        {
            recorder.Add(decision);
        }

        _controller = plan is { IsLive: true, Policy: { } policy }
            ? new(policy, new(_canPostCopy, plan.GivenMaxDowntime, plan.Limits.Timeout), steps.MaxDowntime)
            : null;
    }

    /// <summary>Takes note of where the guest is.</summary>
    /// <param name="isPostCopy">Whether it is in post-copy.</param>
    /// <param name="isStopped">Whether the migration has stopped it.</param>
    public void See(bool isPostCopy, bool isStopped)
    {
        _isPostCopy |= isPostCopy;
        if (isPostCopy || (isStopped && steps.SuspendedAt is null))
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
            _isPostCopy, steps.SuspendedAt is not null);
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

    private async Task<bool> ApplyAsync(MigrationDecision decision)
    {
        decision = await steps.DoAsync(decision).ConfigureAwait(false);
        _controller?.TakeMaxDowntime(steps.MaxDowntime);
        if (decision.Status == MigrationDecisionStatus.Refused)
        {
            _controller?.Refuse(decision);
        }

        recorder.Add(decision);
        if (decision is { Action: MigrationAction.Abort, Status: MigrationDecisionStatus.Done })
        {
            _givenUp.TrySetResult(decision);
        }

        return decision.Status == MigrationDecisionStatus.Done;
    }
}
