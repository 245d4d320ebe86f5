using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>How far the machine of a migration has come.</summary>
internal enum MigrationStage
{
    /// <summary>What has to be known and set before the call.</summary>
    Preparing,

    /// <summary>The call is out, and nobody wants it to end.</summary>
    Moving,

    /// <summary>The call is out and is to end.</summary>
    Stopping,

    /// <summary>Both hosts are asked what has become of the VM.</summary>
    Verifying,

    /// <summary>The verdict stands; the last readings are made, and what was changed is put back.</summary>
    Closing,

    /// <summary>The result is out. Where the call is not back, its job is aborted as soon as it appears.</summary>
    Guarding,

    /// <summary>Nothing is left to do.</summary>
    Left,
}

/// <summary>
/// Decides over one migration. Events go in, commands come out; it has no clock, no thread and no host. Who carries the commands out
/// (<see cref="MigrationDriver"/>) decides nothing.
/// </summary>
/// <remarks>
/// Each part has a file of its own: <see cref="CallRegion"/> (the call) with <see cref="OwnJobRegion"/> (its job, the abort, the guard) or what
/// stands in their place (<see cref="FollowRegion"/>, <see cref="ResumeRegion"/>), <see cref="PostCopyRegion"/>, <see cref="ConvergenceRegion"/>
/// (progress, policy, decisions), <see cref="DowntimeLimitRegion"/>, <see cref="EvidenceRegion"/> (what both hosts tell), <see cref="VerdictRegion"/>
/// (the looks at both hosts, and what follows from them) and <see cref="ClosingRegion"/> (what is left to be done then, and the conclusion).
/// </remarks>
internal sealed class MigrationMachine
{
    private readonly List<MigrationCommand> _commands = [];

    /// <summary>Makes the machine of a migration that has not begun.</summary>
    /// <param name="plan">The plan, of which the machine takes what is settled in it and asks nothing.</param>
    /// <param name="outlivesClient">Whether the migration goes on where this side loses its call.</param>
    public MigrationMachine(MigrationPlan plan, bool outlivesClient)
    {
        Plan = plan;
        Record = new(plan.Vm.Name, plan.Estimate, p => Emit(new MigrationCommand.Report(p)));
        PostCopy = new(this);
        Convergence = new(this);
        DowntimeLimit = new(this);
        Call = plan.Role switch
        {
            MigrationRole.Resume => new ResumeRegion(this),
            MigrationRole.Follow => new FollowRegion(this),
            _ => new CallRegion(this, outlivesClient),
        };
        Evidence = new(this);
        Verdict = new(this);
        Closing = new(this);
    }

    /// <summary>What is to be done.</summary>
    public MigrationPlan Plan { get; }

    /// <summary>How far it has come.</summary>
    public MigrationStage Stage { get; set; }

    /// <summary>Whether the call is out, as far as is known, and no verdict is looked for yet.</summary>
    public bool IsUnderWay => Stage is MigrationStage.Moving or MigrationStage.Stopping;

    /// <summary>Time since it began.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>The record of it.</summary>
    public MigrationRecord Record { get; }

    /// <summary>The call, or what stands in its place.</summary>
    public ControlRegion Call { get; }

    /// <summary>Post-copy.</summary>
    public PostCopyRegion PostCopy { get; }

    /// <summary>Progress, policy and decisions.</summary>
    public ConvergenceRegion Convergence { get; }

    /// <summary>The downtime limit.</summary>
    public DowntimeLimitRegion DowntimeLimit { get; }

    /// <summary>All that both hosts tell.</summary>
    public EvidenceRegion Evidence { get; }

    /// <summary>What has become of the VM.</summary>
    public VerdictRegion Verdict { get; }

    /// <summary>What is done when the verdict stands.</summary>
    public ClosingRegion Closing { get; }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    /// <param name="now">Time since the migration began.</param>
    /// <returns>What is to be done now, in this order.</returns>
    public IReadOnlyList<MigrationCommand> Step(MigrationEvent happened, TimeSpan now)
    {
        Now = Record.Now = now;
        _commands.Clear();
        switch (happened)
        {
            case MigrationEvent.Begun:
                Record.Enter(PostCopy.IsSplit ? MigrationPhase.PostCopy : MigrationPhase.Checking);
                Evidence.Prepare();
                DowntimeLimit.Prepare();
                break;
            case MigrationEvent.Defect { Failure: var failure }:
                Call.Fail(failure);
                break;
            default:
                Take(happened);
                break;
        }

        if (Stage == MigrationStage.Preparing && Evidence.IsPrepared && DowntimeLimit.IsPrepared)
        {
            Call.Make();
        }

        Closing.Settle();
        Call.Settle();
        return _commands.ToArray();
    }

    /// <summary>Wants something done.</summary>
    /// <param name="command">What.</param>
    public void Emit(MigrationCommand command) => _commands.Add(command);

    private void Take(MigrationEvent happened)
    {
        if (Evidence.TakeBefore(happened))
        {
            return;
        }

        Evidence.Take(happened);
        Verdict.Take(happened);
        Closing.Take(happened);
        PostCopy.Take(happened);
        Convergence.Take(happened);
        DowntimeLimit.Take(happened);
        Call.Take(happened);
    }
}
