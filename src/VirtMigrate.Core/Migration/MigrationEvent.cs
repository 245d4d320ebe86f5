using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>Something that the machine of one migration is told.</summary>
internal abstract record MigrationEvent
{
    /// <summary>It is to begin.</summary>
    internal sealed record Begun : MigrationEvent;

    /// <summary>A host's events are listened to, or can't be.</summary>
    /// <param name="End">The host.</param>
    internal sealed record Listening(MigrationEnd End) : MigrationEvent;

    /// <summary>Somebody wants it to end: the user, the session's end.</summary>
    internal sealed record StopRequested : MigrationEvent;

    /// <summary>The call is made only now, since a connection that it needs had to be opened first.</summary>
    /// <param name="By">How long that took.</param>
    internal sealed record CallDelayed(TimeSpan By) : MigrationEvent;

    /// <summary>The call said that the VM has moved.</summary>
    internal sealed record CallReturned : MigrationEvent;

    /// <summary>The call ended otherwise.</summary>
    /// <param name="Failure">How.</param>
    /// <param name="WasMade">Whether libvirt may have been called; false where a host could not be reached for it.</param>
    internal sealed record CallFailed(Exception Failure, bool WasMade) : MigrationEvent;

    /// <summary>A look at the source's job found this.</summary>
    /// <param name="Reading">What was found; null where the source has no such VM.</param>
    internal sealed record JobSeen(JobReading? Reading) : MigrationEvent;

    /// <summary>A look at the source's job found nothing in time.</summary>
    /// <param name="Failure">Why.</param>
    internal sealed record JobUnseen(Exception Failure) : MigrationEvent;

    /// <summary>A look at a host found this of the VM.</summary>
    /// <param name="End">The host.</param>
    /// <param name="Instance">What was found, or why nothing was.</param>
    internal sealed record InstanceSeen(MigrationEnd End, VmInstance Instance) : MigrationEvent;

    /// <summary>A host told of something that happened to the VM.</summary>
    /// <param name="End">The host.</param>
    /// <param name="Happened">What happened.</param>
    internal sealed record Heard(MigrationEnd End, DomainEvent Happened) : MigrationEvent;

    /// <summary>The statistics of the VM's last ended job on a host were read.</summary>
    /// <param name="End">The host.</param>
    /// <param name="Statistics">The statistics; null where there are none, or they could not be read.</param>
    internal sealed record CompletedSeen(MigrationEnd End, JobStatistics? Statistics) : MigrationEvent;

    /// <summary>The VM's definition on a host was read.</summary>
    /// <param name="End">The host.</param>
    /// <param name="Definition">The definition; null where there is none.</param>
    /// <param name="IsKnown">Whether the host could be asked.</param>
    internal sealed record DefinitionSeen(MigrationEnd End, string? Definition, bool IsKnown) : MigrationEvent;

    /// <summary>The downtime limit was read.</summary>
    /// <param name="Limit">The limit.</param>
    internal sealed record MaxDowntimeSeen(TimeSpan Limit) : MigrationEvent;

    /// <summary>The source has done what it was asked for.</summary>
    /// <param name="Request">What it was asked for.</param>
    internal sealed record Done(MigrationRequested Request) : MigrationEvent;

    /// <summary>The source has not done what it was asked for.</summary>
    /// <param name="Request">What it was asked for.</param>
    /// <param name="Failure">Why.</param>
    internal sealed record Refused(MigrationRequested Request, Exception Failure) : MigrationEvent;

    /// <summary>The connection to the destination was found closed.</summary>
    internal sealed record DestinationClosed : MigrationEvent;

    /// <summary>The connection to the destination is open again.</summary>
    internal sealed record DestinationReopened : MigrationEvent;

    /// <summary>The connection to the destination could not be opened again.</summary>
    internal sealed record DestinationUnreachable : MigrationEvent;

    /// <summary>A timer went off.</summary>
    /// <param name="Timer">The timer.</param>
    internal sealed record Elapsed(MigrationTimer Timer) : MigrationEvent;

    /// <summary>Something went wrong that is nobody's answer: a defect of this side.</summary>
    /// <param name="Failure">What.</param>
    internal sealed record Defect(Exception Failure) : MigrationEvent;
}

/// <summary>The timers of a migration.</summary>
internal enum MigrationTimer
{
    /// <summary>The next look at the source's job.</summary>
    Poll,

    /// <summary>The time that the user gave the migration.</summary>
    Timeout,

    /// <summary>The time that the call has to end after a stop.</summary>
    Stop,

    /// <summary>The next attempt to reach a destination that was lost.</summary>
    Reopen,

    /// <summary>The next look at both hosts after the end.</summary>
    Look,

    /// <summary>The time that both hosts have to come to rest after the end.</summary>
    Settle,

    /// <summary>The time that a host's event has to arrive after the end.</summary>
    LateEvent,

    /// <summary>The time that the last readings have.</summary>
    Closing,
}

/// <summary>A pause between two looks, which doubles until it is as long as it may be.</summary>
/// <param name="first">The first.</param>
/// <param name="longest">The longest.</param>
internal sealed class DoublingPause(TimeSpan first, TimeSpan longest)
{
    private TimeSpan? _last;

    /// <summary>Begins again.</summary>
    /// <returns>The first pause.</returns>
    public TimeSpan Restart()
    {
        _last = null;
        return first;
    }

    /// <summary>Doubles the last one.</summary>
    /// <returns>The next pause.</returns>
    public TimeSpan Next()
    {
        var doubled = (_last ?? first) * 2;
        _last = doubled < longest ? doubled : longest;
        return _last.Value;
    }
}

/// <summary>Something that the machine of one migration wants done.</summary>
internal abstract record MigrationCommand
{
    /// <summary>Make the call that moves the VM.</summary>
    internal sealed record Call : MigrationCommand;

    /// <summary>Give up a call that has not reached libvirt yet.</summary>
    internal sealed record GiveUpCall : MigrationCommand;

    /// <summary>Listen to a host's events.</summary>
    /// <param name="End">The host.</param>
    internal sealed record Listen(MigrationEnd End) : MigrationCommand;

    /// <summary>Look at the VM's job on the source.</summary>
    internal sealed record ReadJob : MigrationCommand;

    /// <summary>Look at the VM on a host.</summary>
    /// <param name="End">The host.</param>
    internal sealed record LookAt(MigrationEnd End) : MigrationCommand;

    /// <summary>Read the statistics of the VM's last ended job on a host.</summary>
    /// <param name="End">The host.</param>
    internal sealed record ReadCompleted(MigrationEnd End) : MigrationCommand;

    /// <summary>Read the VM's definition on a host.</summary>
    /// <param name="End">The host.</param>
    internal sealed record ReadDefinition(MigrationEnd End) : MigrationCommand;

    /// <summary>Ask a host for something.</summary>
    /// <param name="What">What.</param>
    /// <param name="MaxDowntime">The downtime limit to be set.</param>
    internal sealed record Request(MigrationRequested What, TimeSpan? MaxDowntime = null) : MigrationCommand;

    /// <summary>Open the connection to the destination again.</summary>
    internal sealed record Reopen : MigrationCommand;

    /// <summary>Set a timer; one of the same name that runs is set again.</summary>
    /// <param name="Timer">The timer.</param>
    /// <param name="After">When it is to go off.</param>
    internal sealed record Arm(MigrationTimer Timer, TimeSpan After) : MigrationCommand;

    /// <summary>Stop a timer.</summary>
    /// <param name="Timer">The timer.</param>
    internal sealed record Disarm(MigrationTimer Timer) : MigrationCommand;

    /// <summary>Tell how it goes.</summary>
    /// <param name="Progress">How.</param>
    internal sealed record Report(MigrationProgress Progress) : MigrationCommand;

    /// <summary>Give the result out.</summary>
    /// <param name="Conclusion">How it ended.</param>
    internal sealed record Conclude(MigrationConclusion Conclusion) : MigrationCommand;

    /// <summary>Nothing is left to be done: after the result was given out and the call has returned.</summary>
    internal sealed record Leave : MigrationCommand;
}
