using VirtMigrate.Options;

namespace VirtMigrate.Policies;

/// <summary>
/// Takes a policy's steps in order, at most one at the start of an iteration. The first iteration moves all memory; each start of a later one
/// says that one more iteration has ended without the switchover, which is what oVirt counts as stalling.
/// </summary>
internal sealed class StepSchedule(IReadOnlyList<MigrationPolicyStep> steps, PolicyConditions conditions)
{
    private int _next;
    private bool _isWaitingForEnd;

    /// <summary>Decides at the start of an iteration.</summary>
    public MigrationDecision Decide(PolicyIteration iteration)
    {
        var ended = Math.Max(0, iteration.Number - 1);
        if (_isWaitingForEnd)
        {
            return iteration.GoOn("the guest is suspended: what is left moves without new writes");
        }

        if (_next >= steps.Count)
        {
            return iteration.GoOn($"{Units.Count(ended, "iteration", "iterations")}, no step is left");
        }

        var step = steps[_next];
        if (step.AfterIterations is { } limit && ended <= limit || ended == 0)
        {
            return iteration.GoOn($"{Units.Count(ended, "iteration", "iterations")}; the next step ({step.Effect}) comes after {step.Condition}");
        }

        _next++;
        var iterations = Units.Count(ended, "iteration", "iterations");
        var why = $"{iterations}{(step.AfterIterations is { } after ? $" > {after}" : string.Empty)}, {iteration.Comparison}";
        return Take(step, iteration, why);
    }

    /// <summary>Takes note that libvirt refused a step.</summary>
    public void Refuse(MigrationAction action)
    {
        if (action == MigrationAction.Suspend)
        {
            _isWaitingForEnd = false;
        }
    }

    private MigrationDecision Take(MigrationPolicyStep step, PolicyIteration iteration, string why)
    {
        switch (step.Action)
        {
            case MigrationAction.SetMaxDowntime when conditions.GivenMaxDowntime is { } given:
                return iteration.Decide(step.Action, $"{why}: {step.Effect} are left out, since -{MigrationOptions.MaxDowntime.Name} {given.TotalMilliseconds:0} was given",
                    step.MaxDowntime, MigrationDecisionStatus.Skipped);
            case MigrationAction.SetMaxDowntime:
                return iteration.Decide(step.Action, $"{why}: allow {step.Effect}", step.MaxDowntime);
            case MigrationAction.PostCopy when !conditions.CanPostCopy:
                return iteration.Decide(step.Action, $"{why}: post-copy is not possible, since the migration was started without it", null,
                    MigrationDecisionStatus.Skipped);
            case MigrationAction.PostCopy:
                return iteration.Decide(step.Action, $"{why}: switch to post-copy");
            case MigrationAction.Suspend:
                _isWaitingForEnd = true;
                return iteration.Decide(step.Action, $"{why}: suspend the guest until its memory has moved");
            default:
                return iteration.Decide(MigrationAction.Abort, $"{why}: abort");
        }
    }
}
