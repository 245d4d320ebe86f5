using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>
/// Takes a policy's steps in order, at most one at the begin of a pass. The first pass moves all memory; each begin of a later one
/// says that one more pass has ended without the switch-over, which is what oVirt counts as stalling.
/// </summary>
/// <param name="steps">The steps.</param>
/// <param name="conditions">What holds for the migration.</param>
internal sealed class StepSchedule(IReadOnlyList<MigrationPolicyStep> steps, PolicyConditions conditions)
{
    private int _next;
    private bool _isWaitingForEnd;

    /// <summary>Decides at the begin of a pass.</summary>
    /// <param name="pass">The pass.</param>
    /// <returns>The decision.</returns>
    public MigrationDecision Decide(PassView pass)
    {
        var ended = Math.Max(0, pass.Iteration - 1);
        if (_isWaitingForEnd)
        {
            return pass.GoOn("the guest is suspended: what is left moves without new writes");
        }

        if (_next >= steps.Count)
        {
            return pass.GoOn($"{PolicyWording.Count(ended, "pass", "passes")}, no step is left");
        }

        var step = steps[_next];
        if (step.AfterIterations is { } limit && ended <= limit || ended == 0)
        {
            return pass.GoOn($"{PolicyWording.Count(ended, "pass", "passes")}; the next step ({step.Effect}) comes after {step.Condition}");
        }

        _next++;
        var passes = PolicyWording.Count(ended, "pass", "passes");
        var why = $"{passes}{(step.AfterIterations is { } after ? $" > {after}" : string.Empty)}, {pass.Comparison}";
        return Take(step, pass, why);
    }

    /// <summary>Takes note that libvirt refused a step.</summary>
    /// <param name="action">The step.</param>
    public void Refuse(MigrationAction action)
    {
        if (action == MigrationAction.Suspend)
        {
            _isWaitingForEnd = false;
        }
    }

    private MigrationDecision Take(MigrationPolicyStep step, PassView pass, string why)
    {
        switch (step.Action)
        {
            case MigrationAction.SetMaxDowntime when conditions.GivenMaxDowntime is { } given:
                return pass.Decide(step.Action, $"{why}: {step.Effect} are left out, since -MaxDowntime {given.TotalMilliseconds:0} was given",
                    step.MaxDowntime, MigrationDecisionStatus.Skipped);
            case MigrationAction.SetMaxDowntime:
                return pass.Decide(step.Action, $"{why}: allow {step.Effect}", step.MaxDowntime);
            case MigrationAction.PostCopy when !conditions.CanPostCopy:
                return pass.Decide(step.Action, $"{why}: post-copy is not possible, since the migration began without it", null,
                    MigrationDecisionStatus.Skipped);
            case MigrationAction.PostCopy:
                return pass.Decide(step.Action, $"{why}: switch to post-copy");
            case MigrationAction.Suspend:
                _isWaitingForEnd = true;
                return pass.Decide(step.Action, $"{why}: suspend the guest until its memory has moved");
            default:
                return pass.Decide(MigrationAction.Abort, $"{why}: give up");
        }
    }
}
