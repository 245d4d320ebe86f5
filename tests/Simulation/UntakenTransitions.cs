using VirtMigrate.Migration;

using static VirtMigrate.Planning.MigrationRole;
using static VirtMigrate.Migration.MigrationStage;

namespace VirtMigrate.Simulation;

/// <summary>An event in a state of the machine that runs of the simulation don't come to.</summary>
/// <param name="What">What.</param>
/// <param name="Why">Why not.</param>
/// <param name="IsRare">Whether it may come all the same: too seldom for every set of runs to have it.</param>
/// <param name="Applies">Whether an event in a state is meant.</param>
internal sealed record UntakenTransition(string What, string Why, bool IsRare, Func<MachineState, string, bool> Applies)
{
    /// <summary>The row as the README has it.</summary>
    /// <returns>A row of a Markdown table.</returns>
    public override string ToString() => $"| {What} | {(IsRare ? "seldom" : "never")} | {Why} |";
}

/// <summary>All that is never taken, or so seldom that a set of runs may lack it; printed in README.md.</summary>
internal static class UntakenTransitions
{
    private static readonly string[] Answers =
    [
        nameof(MigrationEvent.Listening), nameof(MigrationEvent.JobSeen), nameof(MigrationEvent.JobUnseen), nameof(MigrationEvent.InstanceSeen),
        nameof(MigrationEvent.CompletedSeen), nameof(MigrationEvent.DefinitionSeen), nameof(MigrationEvent.MaxDowntimeSeen), nameof(MigrationEvent.Done),
        nameof(MigrationEvent.Refused), nameof(MigrationEvent.DestinationClosed), nameof(MigrationEvent.DestinationReopened),
        nameof(MigrationEvent.DestinationUnreachable),
    ];

    /// <summary>The list. The first that applies explains.</summary>
    public static IReadOnlyList<UntakenTransition> List { get; } =
    [
        new("Move: a Foreign call", "The call is the machine's own.", IsRare: false,
            (s, _) => s is { Role: Move, Call: CallState.Foreign }),
        new("Follow: a call of its own", "What another client began has no call here.", IsRare: false,
            (s, _) => s is { Role: Follow, Call: not (CallState.NotMade or CallState.Foreign or CallState.Adrift) }),
        new("Preparing, with a call", "The call is what the preparation ends with.", IsRare: false,
            (s, _) => s is { Stage: Preparing, Call: not CallState.NotMade }),
        new("Move: Moving or Stopping, with a call that has ended", "The end of the call leads to Verifying in the same step.", IsRare: false,
            (s, _) => s is { Role: Move, Stage: Moving or Stopping, Call: not (CallState.Out or CallState.Adrift) }),
        new("Follow, Resume: Moving or Stopping, with no call", "Both begin with what another client, or an earlier call, has left.", IsRare: false,
            (s, _) => s is { Role: not Move, Stage: Moving or Stopping, Call: CallState.NotMade or CallState.Adrift }),
        new("Follow, Resume: the downtime limit, the timeout", "They are the business of the client that began it.", IsRare: false,
            (s, e) => s.Role != Move && (IsAny(e, nameof(MigrationEvent.MaxDowntimeSeen)) || IsTimer(e, MigrationTimer.Timeout))),
        new("Follow, Resume, Preparing: a request, a definition", "Nothing is set before, and both are of VMs that run.", IsRare: false,
            (s, e) => s is { Role: not Move, Stage: Preparing } && IsAny(e, nameof(MigrationEvent.Done), nameof(MigrationEvent.Refused), nameof(MigrationEvent.DefinitionSeen))),
        new("Resume, Stopping: the call returns well", "Its halves were just told to stand still, since nothing moved.", IsRare: true,
            (s, e) => s is { Role: Resume, Stage: Stopping } && IsAny(e, nameof(MigrationEvent.CallReturned))),
        new("Left, while the call is out", "The machine stays as long as its call does.", IsRare: false,
            (s, _) => s is { Stage: Left, Call: CallState.Out }),
        new("Begun, later", "A migration begins once.", IsRare: false,
            (s, e) => Is(e, nameof(MigrationEvent.Begun)) && s.Stage != Preparing),
        new("Defect", "It is for errors of the engine itself, of which the runs show none; a unit test throws one.", IsRare: false,
            (_, e) => Is(e, nameof(MigrationEvent.Defect))),
        new("The end of a call that is not out", "A call ends once.", IsRare: false,
            (s, e) => IsAny(e, nameof(MigrationEvent.CallReturned), nameof(MigrationEvent.CallFailed)) && s.Call != CallState.Out),
        new("CallDelayed, with no call that is out", "It is told when the call is made.", IsRare: false,
            (s, e) => Is(e, nameof(MigrationEvent.CallDelayed)) && s.Call != CallState.Out),
        new("CallDelayed", "A connection has to be lost between the preparation and the call.", IsRare: true,
            (_, e) => Is(e, nameof(MigrationEvent.CallDelayed))),
        new("Preparing: looks, and anything of the destination's connection", "They are asked for when the call is out.", IsRare: false,
            (s, e) => s.Stage == Preparing && IsAny(e, nameof(MigrationEvent.JobSeen), nameof(MigrationEvent.JobUnseen), nameof(MigrationEvent.InstanceSeen),
                nameof(MigrationEvent.DestinationClosed), nameof(MigrationEvent.DestinationReopened), nameof(MigrationEvent.DestinationUnreachable))),
        new("Preparing: a timer", "None is set before the call: what is asked has a deadline of its own.", IsRare: false,
            (s, e) => s.Stage == Preparing && IsTimer(e)),
        new("Moving or Stopping: statistics of the last job, definitions", "They are read before the call, which waits for them, and after it.", IsRare: false,
            (s, e) => s.Stage is Moving or Stopping && IsAny(e, nameof(MigrationEvent.CompletedSeen), nameof(MigrationEvent.DefinitionSeen))),
        new("Moving or Stopping: Look, Settle", "They are set when both hosts are asked.", IsRare: false,
            (s, e) => s.Stage is Moving or Stopping && IsTimer(e, MigrationTimer.Look, MigrationTimer.Settle)),
        new("Moving, Stopping or Verifying: LateEvent, Closing", "They are set when the verdict stands.", IsRare: false,
            (s, e) => s.Stage is Moving or Stopping or Verifying && IsTimer(e, MigrationTimer.LateEvent, MigrationTimer.Closing)),
        new("Move, Resume, Moving: Stop", "It is set by the stop; what is followed has it from the begin.", IsRare: false,
            (s, e) => s is { Role: not Follow, Stage: Moving } && IsTimer(e, MigrationTimer.Stop)),
        new("Guarding, with a call that has ended", "The machine leaves in the same step, unless a request is out.", IsRare: true,
            (s, _) => s is { Stage: Guarding, Call: not (CallState.Out or CallState.Adrift) }),
        new("Left", "Nothing is asked for any more; what was asked for before may be answered yet.", IsRare: true,
            (s, _) => s.Stage == Left),
        new("A timer of an earlier stage", "It is stopped with the stage; it may have gone off at that moment.", IsRare: true,
            (s, e) => s.Stage != Preparing && IsTimer(e)),
        new("An answer to what an earlier stage asked for", "It has to be late, and the stage short.", IsRare: true,
            (s, e) => s.Stage != Preparing && IsAny(e, Answers)),
        new("Verifying or later: an event of a host, a stop", "Looks are answered within milliseconds; the result ends both.", IsRare: true,
            (s, e) => s.Stage is Stopping or Verifying or Closing or Guarding && IsAny(e, nameof(MigrationEvent.Heard), nameof(MigrationEvent.StopRequested))),
        new("Closing: the end of the call", "The last readings take milliseconds.", IsRare: true,
            (s, e) => s.Stage == Closing && IsAny(e, nameof(MigrationEvent.CallReturned), nameof(MigrationEvent.CallFailed))),
    ];

    /// <summary>Tells why something is not taken.</summary>
    /// <param name="state">The state.</param>
    /// <param name="happened">The event.</param>
    /// <returns>What explains it; null where nothing does.</returns>
    public static UntakenTransition? Why(MachineState state, string happened) => List.FirstOrDefault(u => u.Applies(state, happened));

    private static bool Is(string happened, string name) => string.Equals(happened, name, StringComparison.Ordinal);

    private static bool IsAny(string happened, params string[] names) => names.Contains(happened, StringComparer.Ordinal);

    private static bool IsTimer(string happened) => happened.StartsWith(nameof(MigrationEvent.Elapsed), StringComparison.Ordinal);

    private static bool IsTimer(string happened, params MigrationTimer[] timers) => timers.Any(t => Is(happened, TransitionTally.NameOf(new MigrationEvent.Elapsed(t))));
}
