using System.Globalization;
using System.Text.Json;
using VirtMigrate.Migration;

namespace VirtMigrate.Simulation.Replay;

/// <summary>Prints a recorded migration, where the machine decides otherwise today, and what the simulated world can't show.</summary>
internal static class TraceReport
{
    /// <summary>Prints the report of a trace.</summary>
    /// <param name="file">The trace.</param>
    /// <param name="writer">Where to.</param>
    /// <returns>Whether the machine makes the same decisions, and the world can show the same.</returns>
    public static bool Print(string file, TextWriter writer)
    {
        var trace = RecordedTrace.Of(file);
        var plan = trace.Plan;
        writer.WriteLine($"{plan.Vm.Name} ({plan.Vm.Status}), {plan.SourceHost.Name} to {plan.DestinationHost.Name}: {plan.Command}");
        var differences = 0;
        foreach (var (step, commands) in trace.Replay())
        {
            var shown = ObservationTrail.Describe(step.Event) is { } text ? $"{End(step.Event)}{text}" : step.Event.ToString();
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{step.At.TotalSeconds,9:0.000} s  {step.Event.GetType().Name,-20} {shown}  => {string.Join(", ", (step.Commands ?? []).Select(Brief))}"));
            if (!Same(step.Commands, commands))
            {
                differences++;
                writer.WriteLine($"             DIFFERENT    then: {string.Join(' ', step.Commands ?? ["failed"])}");
                writer.WriteLine($"                           now: {string.Join(' ', commands ?? ["failed"])}");
            }
        }

        writer.WriteLine(differences == 0 ? "The machine decides the same today." : $"The machine decides otherwise today in {differences} steps.");
        return PrintTransitions(trace, writer) && differences == 0;
    }

    /// <summary>Prints what is different today for all traces of a folder, and what the simulated world can't show of any.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="writer">Where to.</param>
    /// <returns>Whether there is no such thing.</returns>
    public static bool PrintAll(string folder, TextWriter writer)
    {
        var shown = new Dictionary<Transition, string>();
        var isSame = true;
        foreach (var file in Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal))
        {
            var trace = RecordedTrace.Of(file);
            var differences = trace.Replay().Count(r => !Same(r.Step.Commands, r.Commands));
            isSame &= differences == 0;
            writer.WriteLine($"{Path.GetFileName(file)}: {trace.Steps.Count} steps, {differences} decided otherwise today");
            foreach (var transition in Transitions(trace))
            {
                shown[transition] = shown.TryGetValue(transition, out var files) ? $"{files}, {Path.GetFileNameWithoutExtension(file)}" : Path.GetFileNameWithoutExtension(file);
            }
        }

        var seeds = SimulatedTransitions.Find(shown.Keys);
        foreach (var transition in shown.Keys.Where(t => !seeds.ContainsKey(t)))
        {
            writer.WriteLine($"NEVER SIMULATED: {transition} (in {shown[transition]})");
        }

        writer.WriteLine($"{shown.Count} transitions, {shown.Count - seeds.Count} of them never simulated");
        return isSame && seeds.Count == shown.Count;
    }

    /// <summary>Tells the transitions that a trace shows.</summary>
    /// <param name="trace">The trace.</param>
    /// <returns>Each of them once.</returns>
    public static IReadOnlyList<Transition> Transitions(RecordedTrace trace)
    {
        var trail = new ObservationTrail();
        return [.. trace.Steps.SelectMany(s => trail.Take(s.Event).ToArray()).Distinct()];
    }

    /// <summary>Compares what the machine wanted done with what it wants today.</summary>
    /// <param name="then">Then.</param>
    /// <param name="now">Today.</param>
    /// <returns>Whether it is the same, to the byte.</returns>
    public static bool Same(IReadOnlyList<string>? then, IReadOnlyList<string>? now) =>
        then is null ? now is null : now is not null && then.SequenceEqual(now, StringComparer.Ordinal);

    private static bool PrintTransitions(RecordedTrace trace, TextWriter writer)
    {
        var transitions = Transitions(trace);
        var seeds = SimulatedTransitions.Find(transitions);
        foreach (var transition in transitions)
        {
            writer.WriteLine($"  {transition}   {(seeds.TryGetValue(transition, out var seed) ? $"seed {seed}" : "NEVER SIMULATED")}");
        }

        return seeds.Count == transitions.Count;
    }

    private static string End(MigrationEvent happened) => happened switch
    {
        MigrationEvent.InstanceSeen { End: var end } => $"{end} ",
        MigrationEvent.Heard { End: var end } => $"{end} ",
        MigrationEvent.CompletedSeen { End: var end } => $"{end} ",
        MigrationEvent.DefinitionSeen { End: var end } => $"{end} ",
        _ => string.Empty,
    };

    private static string Brief(string command)
    {
        using var json = JsonDocument.Parse(command);
        var root = json.RootElement;
        var words = root.EnumerateObject().Where(p => p.Value.ValueKind is JsonValueKind.String).Select(p => p.Value.GetString());
        return root.TryGetProperty("Conclusion", out var conclusion)
            ? $"Conclude {conclusion.GetProperty("Verification").GetProperty("Outcome").GetString()}"
            : string.Join(' ', words);
    }
}
