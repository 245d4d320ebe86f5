using System.Diagnostics;
using System.Globalization;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Simulation.Replay;

namespace VirtMigrate.Simulation;

/// <summary>Runs an engine through many seeds, or through one with its trace, or replays the trace of a real migration.</summary>
internal static class Program
{
    private const int SeedsShown = 8;

    public static int Main(string[] args)
    {
        var runs = Number(args, "--runs") ?? 20_000;
        var first = Number(args, "--first") ?? 1;
        var engine = args.Contains("--plain") ? Engines.Plain : Engines.Driver;
        if (args.Contains("--verdicts"))
        {
            // For docs/en-US/about_VmMigration.md.
            Console.WriteLine(string.Join('\n', MigrationVerdict.Table.Select(r => $"| {r.When} | {r.Outcome} |")));
            return 0;
        }

        if (args.Contains("--deadlines"))
        {
            // For the same page.
            Console.WriteLine(string.Join('\n', [.. MigrationDeadlines.Table, .. HostDeadlines.Table]));
            return 0;
        }

        if (args.Contains("--transitions"))
        {
            var tally = new TransitionTally();
            RunMany(Engines.Counted(tally), first, runs);
            tally.Print(Console.Out);
            return 0;
        }

        if (args.Contains("--batch"))
        {
            return BatchProgram.Run(Number(args, "--seed"), first, runs);
        }

        if (Array.IndexOf(args, "--trace") is var at and >= 0 && at + 1 < args.Length)
        {
            var trace = args[at + 1];
            return (Directory.Exists(trace) ? TraceReport.PrintAll(trace, Console.Out) : TraceReport.Print(trace, Console.Out)) ? 0 : 1;
        }

        if (Number(args, "--seed") is { } seed)
        {
            var result = SimulationRun.Run(engine, Draw(engine, seed), isTraced: true);
            foreach (var line in result.Trace)
            {
                Console.WriteLine(line);
            }

            return result.Violations.Count == 0 ? 0 : 1;
        }

        return RunMany(engine, first, runs);
    }

    private static int RunMany(Engine engine, ulong first, ulong runs)
    {
        var tally = new Tally();
        var watch = Stopwatch.StartNew();

        // A run has one thread; several run side by side, each in a world of its own.
        Parallel.For((long)first, (long)(first + runs), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, seed =>
        {
            var result = SimulationRun.Run(engine, Draw(engine, (ulong)seed));
            lock (tally)
            {
                tally.Add(result);
            }
        });
        watch.Stop();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs} runs in {watch.Elapsed.TotalSeconds:0.0} s, {runs / watch.Elapsed.TotalSeconds:0} a second"));
        tally.Print(Console.Out);
        return tally.Violations == 0 ? 0 : 1;
    }

    // The small one knows of no migrations but its own.
    private static Scenario Draw(Engine engine, ulong seed) => engine == Engines.Plain ? Scenario.DrawOwn(seed) : Scenario.Draw(seed);

    private static ulong? Number(string[] args, string name)
    {
        var at = Array.IndexOf(args, name);
        return at >= 0 && at + 1 < args.Length ? ulong.Parse(args[at + 1], CultureInfo.InvariantCulture) : null;
    }

    private sealed class Tally
    {
        private readonly SortedDictionary<Invariant, (int Count, List<ulong> Seeds, string Sentence)> _violations = [];
        private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
        private readonly SortedDictionary<string, (int Runs, int Unknown)> _faults = new(StringComparer.Ordinal);
        private long _steps;
        private int _aborts;
        private int _foreignAborts;
        private int _movedLater;

        public int Violations { get; private set; }

        public void Add(SimulationResult result)
        {
            _steps += result.Steps;
            _aborts += result.Aborts;
            _foreignAborts += result.ForeignAborts;
            _movedLater += result.MovedLater ? 1 : 0;
            foreach (var violation in result.Violations)
            {
                Violations++;
                var (count, seeds, sentence) = _violations.TryGetValue(violation.Invariant, out var known) ? known : (0, [], violation.Sentence);
                if (seeds.Count < SeedsShown && !seeds.Contains(result.Scenario.Seed))
                {
                    seeds.Add(result.Scenario.Seed);
                }

                _violations[violation.Invariant] = (count + 1, seeds, sentence);
            }

            var outcome = result.Outcome?.ToString() ?? "none";
            _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
            var isUnknown = result.Outcome == MigrationOutcome.Unknown ? 1 : 0;
            if (!result.KnewBothHosts)
            {
                // What can't be told there is no matter of faults.
                Count("(one host is not known)", isUnknown);
                return;
            }

            if (result.Struck.Count == 0)
            {
                Count("(none)", isUnknown);
            }

            foreach (var kind in result.Struck)
            {
                Count(kind.ToString(), isUnknown);
            }
        }

        public void Print(TextWriter writer)
        {
            writer.WriteLine($"{_steps} steps, {_aborts} aborts, {_foreignAborts} of them hit another's job, {_movedLater} moved after the verdict");
            writer.WriteLine();
            writer.WriteLine("violations");
            foreach (var (invariant, (count, seeds, sentence)) in _violations)
            {
                writer.WriteLine($"  {(int)invariant,2} {invariant,-20} {count,6}  seeds {string.Join(' ', seeds)}: {sentence}");
            }

            writer.WriteLine("outcomes");
            foreach (var (outcome, count) in _outcomes)
            {
                writer.WriteLine($"  {outcome,-20} {count,6}");
            }

            writer.WriteLine("unknown by kind of fault");
            foreach (var (kind, (runs, unknown)) in _faults)
            {
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {kind,-26} {unknown,5} of {runs,5}  {100.0 * unknown / runs,5:0.0} %"));
            }
        }

        private void Count(string kind, int unknown)
        {
            var (runs, known) = _faults.GetValueOrDefault(kind);
            _faults[kind] = (runs + 1, known + unknown);
        }
    }
}
