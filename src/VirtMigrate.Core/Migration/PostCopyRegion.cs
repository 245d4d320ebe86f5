using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Post-copy: when it has begun, whether it makes progress, and that it can't be taken back.</summary>
/// <param name="machine">The machine.</param>
internal sealed class PostCopyRegion(MigrationMachine machine)
{
    private readonly bool _isAllowed = machine.Plan.Options.Has(MigrationOptions.PostCopy);
    private bool _hasFailed;
    private bool _isRefused;
    private long? _remaining;
    private TimeSpan _movedAt;

    /// <summary>Whether the guest runs at the destination while the rest of its memory follows.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Whether the migration has been in post-copy at all.</summary>
    public bool WasActive { get; private set; } = machine.Plan.Role == MigrationRole.Resume;

    /// <summary>Whether each host has a half of the VM, under way or broken.</summary>
    public bool IsSplit => IsActive || machine.Plan.Role == MigrationRole.Resume;

    /// <summary>Whether it is under way and has made progress lately.</summary>
    public bool IsMoving => IsActive && machine.Now - _movedAt < MigrationDeadlines.PostCopyStall;

    /// <summary>Looks for it where no event may have told of it: the VM's own state does.</summary>
    public void Look()
    {
        if (_isAllowed && !IsActive && machine.IsUnderWay)
        {
            machine.Emit(new MigrationCommand.LookAt(MigrationEnd.Source));
        }
    }

    /// <summary>Records that somebody asked to stop what can't be stopped.</summary>
    public void RefuseStop()
    {
        if (_isRefused)
        {
            return;
        }

        _isRefused = true;
        machine.Record.Add(new MigrationDecision
        {
            Elapsed = machine.Now,
            Action = MigrationAction.Abort,
            Status = MigrationDecisionStatus.Skipped,
            Reason = "a stop was requested, but post-copy can't be aborted; waiting for its end",
        });
    }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.Heard { End: MigrationEnd.Source, Happened: LifecycleEvent { Kind: LifecycleEvent.Suspended } suspended }:
                if (suspended.Detail == LifecycleEvent.SuspendedPostCopy)
                {
                    Begin();
                }
                else if (suspended.Detail == LifecycleEvent.SuspendedPostCopyFailed)
                {
                    (IsActive, _hasFailed) = (false, true);
                }

                break;
            case MigrationEvent.InstanceSeen { End: MigrationEnd.Source, Instance.Status: { } status }
                when machine.IsUnderWay:
                if (status.IsPostCopyFailed)
                {
                    (IsActive, _hasFailed) = (false, true);
                }
                else if (status.IsPostCopy && !_hasFailed)
                {
                    Begin();
                }

                break;
            case MigrationEvent.JobSeen { Reading: null or { Statistics: null, IsHidden: false } }:
                // Its job is over, and it with it.
                IsActive = false;
                break;
            case MigrationEvent.JobSeen { Reading: { Statistics: { IsMigration: true } statistics } } when statistics.DataRemaining != _remaining:
                (_remaining, _movedAt) = (statistics.DataRemaining, machine.Now);
                break;
        }
    }

    private void Begin()
    {
        if (IsActive)
        {
            return;
        }

        (IsActive, WasActive, _hasFailed, _movedAt) = (true, true, false, machine.Now);
        machine.Convergence.EndDeciding();
        if (machine.Stage == MigrationStage.Stopping)
        {
            RefuseStop();
        }
    }
}
