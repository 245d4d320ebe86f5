using VirtMigrate.Migration;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>Where the machine of a migration stands.</summary>
internal readonly record struct MachineState(MigrationRole Role, MigrationStage Stage, CallState Call)
{
    public override string ToString() => $"{Role}: {Stage}, {Call}";
}

/// <summary>A step of the machine, by the kind of event that led to it.</summary>
internal readonly record struct MachineTransition(MachineState From, string Event, MachineState To);

/// <summary>Counts which transitions of the machine many runs take, for which reasons it stops, and which timers go off.</summary>
internal sealed class TransitionTally
{
    private readonly Lock _lock = new();
    private readonly Dictionary<MachineTransition, int> _transitions = [];
    private readonly Dictionary<StopReason, int> _stops = [];

    /// <summary>The kinds of events; a timer is one of its own.</summary>
    public static IReadOnlyList<string> Events { get; } =
    [
        .. typeof(MigrationEvent).GetNestedTypes(System.Reflection.BindingFlags.NonPublic).Where(t => t != typeof(MigrationEvent.Elapsed)).Select(t => t.Name),
        .. Enum.GetValues<MigrationTimer>().Select(t => NameOf(new MigrationEvent.Elapsed(t))),
    ];

    public IReadOnlyDictionary<MachineTransition, int> Transitions => _transitions;

    public IReadOnlyDictionary<StopReason, int> Stops => _stops;

    /// <summary>Each event in each state that never was.</summary>
    public IEnumerable<(MachineState State, string Event)> Untaken()
    {
        var taken = _transitions.Keys.Select(t => (t.From, t.Event)).ToHashSet();
        return from role in Enum.GetValues<MigrationRole>()
               from stage in Enum.GetValues<MigrationStage>()
               from call in Enum.GetValues<CallState>()
               from happened in Events
               let state = new MachineState(role, stage, call)
               where !taken.Contains((state, happened))
               select (state, happened);
    }

    public void Step(MigrationMachine machine, MigrationEvent happened, TimeSpan at)
    {
        var (from, stopping) = (StateOf(machine), machine.Call.Stopping);
        machine.Step(happened, at);
        var transition = new MachineTransition(from, NameOf(happened), StateOf(machine));
        lock (_lock)
        {
            _transitions[transition] = _transitions.GetValueOrDefault(transition) + 1;
            if (machine.Call.Stopping != stopping)
            {
                _stops[machine.Call.Stopping] = _stops.GetValueOrDefault(machine.Call.Stopping) + 1;
            }
        }
    }

    public void Print(TextWriter writer)
    {
        foreach (var (transition, count) in _transitions.OrderBy(t => t.Key.From.Role).ThenBy(t => t.Key.From.Stage).ThenBy(t => t.Key.From.Call).ThenBy(t => t.Key.Event, StringComparer.Ordinal))
        {
            writer.WriteLine($"{count,9}  {transition.From,-30} {transition.Event,-24} {(transition.To == transition.From ? string.Empty : transition.To)}");
        }

        writer.WriteLine();
        foreach (var (reason, count) in _stops.OrderBy(s => s.Key))
        {
            writer.WriteLine($"{count,9}  stopped: {reason}");
        }

        writer.WriteLine();
        writer.WriteLine("never taken");
        foreach (var group in Untaken().GroupBy(u => UntakenTransitions.Why(u.State, u.Event)?.ToString() ?? "not explained"))
        {
            writer.WriteLine($"{group.Count(),9}  {group.Key}");
            foreach (var (state, happened) in group.Where(_ => string.Equals(group.Key, "not explained", StringComparison.Ordinal)))
            {
                writer.WriteLine($"           {state,-30} {happened}");
            }
        }
    }

    private static MachineState StateOf(MigrationMachine machine) => new(machine.Plan.Role, machine.Stage, machine.Call.State);

    /// <summary>The kind of an event.</summary>
    public static string NameOf(MigrationEvent happened) =>
        happened is MigrationEvent.Elapsed { Timer: var timer } ? $"{nameof(MigrationEvent.Elapsed)} ({timer})" : happened.GetType().Name;
}
