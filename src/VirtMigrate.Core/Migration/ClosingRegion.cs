using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>
/// What is done when the verdict stands: the last readings, autostart, what is put back of what was changed, and the conclusion, with what
/// deserves attention.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class ClosingRegion(MigrationMachine machine)
{
    private readonly HashSet<Awaited> _awaited = [];
    private VmMigrationVerification? _verification;
    private string? _autostartRefusal;

    /// <summary>Begins, when the verdict stands.</summary>
    /// <param name="verification">The verdict.</param>
    public void Begin(VmMigrationVerification verification)
    {
        _verification = verification;
        machine.Stage = MigrationStage.Closing;
        machine.Emit(new MigrationCommand.Disarm(MigrationTimer.Look));
        machine.Emit(new MigrationCommand.Disarm(MigrationTimer.Settle));
        machine.Emit(new MigrationCommand.Arm(MigrationTimer.Closing, MigrationDeadlines.Closing));

        // The destination of a completed migration is told the source's figures; the source of a failed one keeps them.
        var end = verification.HasArrived ? MigrationEnd.Destination : MigrationEnd.Source;
        if (machine.Plan.IsLive && !machine.Evidence.HasCompleted(end) && machine.Call.WasMade)
        {
            _awaited.Add(new(AwaitedKind.Statistics, end));
            machine.Emit(new MigrationCommand.ReadCompleted(end));
        }

        if (MayHaveStayed(verification))
        {
            machine.DowntimeLimit.Restore(!verification.MayTakeEffect && !machine.Verdict.IsJobAwaited);
        }

        if (machine.Convergence.IsAsking)
        {
            _awaited.Add(new(AwaitedKind.Limit));
        }

        if (verification.HasArrived && machine.Plan is { Role: not MigrationRole.Follow, Vm.Autostart: true } && verification.DestinationInstance is { IsPersistent: true, Autostart: false })
        {
            _awaited.Add(new(AwaitedKind.Autostart));
            machine.Emit(new MigrationCommand.Request(MigrationRequested.SetAutostart));
        }

        // It forgets the VM first, and what it tells may arrive later than its answer that the VM is not there.
        if (verification.Outcome == MigrationOutcome.RolledBack && machine.Evidence.IsStopUntold)
        {
            _awaited.Add(new(AwaitedKind.LateEvent));
            machine.Emit(new MigrationCommand.Arm(MigrationTimer.LateEvent, MigrationDeadlines.LateEvent));
        }

        Conclude();
    }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.CompletedSeen { End: var end }:
                TakeAwaited(new(AwaitedKind.Statistics, end));
                break;
            case MigrationEvent.Heard { End: MigrationEnd.Destination, Happened: LifecycleEvent { Kind: LifecycleEvent.Stopped } }:
            case MigrationEvent.Elapsed { Timer: MigrationTimer.LateEvent }:
                TakeAwaited(new(AwaitedKind.LateEvent));
                break;
            case MigrationEvent.Done { Request: MigrationRequested.SetAutostart }:
                TakeAwaited(new(AwaitedKind.Autostart));
                break;
            case MigrationEvent.Refused { Request: MigrationRequested.SetAutostart, Failure: var failure }:
                _autostartRefusal = failure.Message;
                TakeAwaited(new(AwaitedKind.Autostart));
                break;
            case MigrationEvent.Elapsed { Timer: MigrationTimer.Closing }:
                _awaited.Clear();
                Conclude();
                break;
        }
    }

    /// <summary>Concludes when nothing is waited for any more, after an event was taken in by all parts.</summary>
    public void Settle()
    {
        if (!machine.Convergence.IsAsking)
        {
            TakeAwaited(new(AwaitedKind.Limit));
        }
    }

    private void TakeAwaited(Awaited what)
    {
        if (machine.Stage != MigrationStage.Closing)
        {
            return;
        }

        _awaited.Remove(what);
        Conclude();
    }

    private void Conclude()
    {
        if (_awaited.Count > 0 || machine.Stage != MigrationStage.Closing || _verification is not { } verification)
        {
            return;
        }

        var plan = machine.Plan;
        var hasArrived = verification.HasArrived;
        if (hasArrived && plan.Vm.Autostart && _autostartRefusal is null && verification.DestinationInstance is { IsPersistent: true } instance)
        {
            verification = verification with { DestinationInstance = instance with { Autostart = true } };
        }

        var operation = hasArrived ? JobOperation.MigrationIn : JobOperation.MigrationOut;
        var statistics = machine.Evidence.CompletedOf(hasArrived ? MigrationEnd.Destination : MigrationEnd.Source);
        statistics = statistics?.Operation == operation ? statistics : machine.Convergence.Last;
        if (statistics is not null)
        {
            machine.Record.Add(MigrationSample.Of(statistics, machine.Now, statistics.Rate));
        }

        machine.Record.Enter(MigrationPhase.Ended, verification.IsVerified);
        machine.Stage = MigrationStage.Guarding;
        machine.Emit(new MigrationCommand.Conclude(new()
        {
            Verification = verification,
            Failure = machine.Call.Failure,
            Stopping = machine.Call.Stopping,
            IsStopRequested = machine.Call.IsStopRequested,
            GivenUp = machine.Convergence.GivenUp,
            Statistics = statistics,
            Downtime = hasArrived && plan.IsLive ? Downtime(statistics) : null,
            SwitchoverDowntime = hasArrived && plan.IsLive ? SwitchoverDowntime(statistics) : null,
            Warnings = [.. AfterMove.Warn(verification, plan.Vm.Autostart, plan.Options, _autostartRefusal), .. WarnOfStay(verification)],
            Heard = machine.Evidence.Heard,
            Duration = machine.Now,
        }));
        machine.Call.Guard();
    }

    private IEnumerable<string> WarnOfStay(VmMigrationVerification verification)
    {
        if (machine.DowntimeLimit.LeftChanged is { } limit && MayHaveStayed(verification))
        {
            yield return $"The downtime limit of '{verification.Vm}' on '{verification.Source.Name}' may not have been restored: it was set to " +
                $"{limit.TotalMilliseconds:0} ms for this migration. The next migration uses it, unless it sets its own. To see it: " +
                $"virsh -c {verification.Source.Uri} migrate-getmaxdowntime --domain {verification.Uuid}";
        }

        if (machine.Convergence.SuspendedAt is not null && verification.SourceInstance.Status is { State: VmState.Paused } status)
        {
            yield return $"'{verification.Vm}' was suspended for the migration and is {status} on '{verification.Source.Name}'. " +
                $"To resume it: virsh -c {verification.Source.Uri} resume --domain {verification.Uuid}";
        }
    }

    // In post-copy libvirt counts to the end of the migration, though the guest goes on long before: both hosts' events tell better.
    private TimeSpan? Downtime(JobStatistics? statistics) => machine.Plan.Role switch
    {
        MigrationRole.Resume => null,
        _ when machine.PostCopy.WasActive => machine.Evidence.PostCopyDowntime,

        // Who did not hear the guest leave can't tell whether it went on in post-copy then.
        var role when (role == MigrationRole.Follow || machine.Plan.Options.Has(MigrationOptions.PostCopy)) && !machine.Evidence.HasHeardLeaving => null,
        _ => statistics?.Downtime,
    };

    // A guest that was suspended on the way stands still from then on. The switch-over begins with the last pass.
    private TimeSpan? SwitchoverDowntime(JobStatistics? statistics) =>
        (Downtime(statistics), machine.Convergence.SuspendedAt, machine.Convergence.LastPass) switch
        {
            ({ } total, { } suspended, { } last) when last > suspended => total > last - suspended ? total - (last - suspended) : TimeSpan.Zero,
            (_, { }, _) => null,
            var (total, _, _) => total,
        };

    private static bool MayHaveStayed(VmMigrationVerification verification) =>
        verification.SourceInstance.IsActive || !verification.SourceInstance.IsKnown;
}
