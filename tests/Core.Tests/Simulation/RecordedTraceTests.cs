using VirtMigrate.Migration;
using VirtMigrate.Simulation;
using VirtMigrate.Simulation.Replay;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

/// <summary>Recorded migrations, real ones of the lab (tests/Traces) and simulated ones, are decided again as they were.</summary>
public sealed class RecordedTraceTests
{
    private static readonly string Folder = Path.Combine(ProjectRoot.Path, "tests", "Simulation", "Traces");

    public static TheoryData<string> Traces => [.. Directory.GetFiles(Folder, "*.jsonl").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Traces))]
    public void A_real_migration_is_decided_as_it_was(string name)
    {
        var trace = RecordedTrace.Of(Path.Combine(Folder, name + ".jsonl"));
        foreach (var (step, commands) in trace.Replay())
        {
            Assert.True(TraceReport.Same(step.Commands, commands),
                $"build.ps1 Simulate -Trace tests/Simulation/Traces/{name}.jsonl\n{step.At} {step.Event}\n" +
                $"then: {string.Join(' ', step.Commands ?? ["failed"])}\n now: {string.Join(' ', commands ?? ["failed"])}");
        }

        Assert.Contains(trace.Steps, s => s.Commands?.Any(c => c.Contains("\"Conclude\"", StringComparison.Ordinal)) == true);
    }

    [Fact]
    public void The_simulated_world_can_show_what_real_hosts_showed()
    {
        var shown = Traces.SelectMany(row => TraceReport.Transitions(RecordedTrace.Of(Path.Combine(Folder, row.Data + ".jsonl"))).Select(t => (Transition: t, Trace: row.Data)))
            .ToLookup(s => s.Transition, s => s.Trace);
        Transition[] wanted = [.. shown.Select(s => s.Key)];
        var seeds = SimulatedTransitions.Find(wanted);
        Assert.True(seeds.Count == wanted.Length, string.Join('\n',
            wanted.Where(t => !seeds.ContainsKey(t)).Select(t => $"{t} (in {string.Join(", ", shown[t].Distinct(StringComparer.Ordinal))})")));
    }

    [Fact]
    public void A_simulated_migration_that_is_recorded_is_decided_as_it_was()
    {
        for (ulong seed = 1; seed <= 300; seed++)
        {
            // What another client began may have ended before the engine came to follow it.
            if (Record(seed) is not { } file)
            {
                continue;
            }

            try
            {
                Assert.All(RecordedTrace.Of(file).Replay(), step => Assert.True(TraceReport.Same(step.Step.Commands, step.Commands), $"seed {seed}: {step.Step.Event}\nthen: {string.Join(' ', step.Step.Commands ?? [])}\n now: {string.Join(' ', step.Commands ?? [])}"));
            }
            finally
            {
                File.Delete(file);
            }
        }
    }

    private static string? Record(ulong seed)
    {
        var lines = new List<string>();
        Engine engine = (plan, time, progress, stop) =>
        {
            lines.Add(MigrationTraceFormat.Write(MigrationTraceHead.Of(plan, time.GetLocalNow())));
            return MigrationDriver.RunAsync(plan, progress, time, stop,
                (at, happened, commands) => lines.Add(MigrationTraceFormat.Write(new MigrationTraceStep(at, happened, commands))));
        };
        SimulationRun.Run(engine, seed);
        if (lines.Count == 0)
        {
            return null;
        }

        var file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        File.WriteAllLines(file, lines);
        return file;
    }
}
