using System.Diagnostics;
using System.Globalization;

namespace VirtMigrate.Simulation;

/// <summary>Runs batches of migrations through many seeds, or through one with its trace.</summary>
internal static class BatchProgram
{
    private const int ViolationsShown = 20;

    public static int Run(ulong? seed, ulong first, ulong runs)
    {
        if (seed is { } one)
        {
            var result = BatchRun.Run(one, isTraced: true);
            Console.WriteLine(string.Join('\n', result.Trace));
            return result.Violations.Count == 0 ? 0 : 1;
        }

        var outcomes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var violations = new List<(ulong Seed, Violation Violation)>();
        var watch = Stopwatch.StartNew();
        Parallel.For((long)first, (long)(first + runs), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, at =>
        {
            var result = BatchRun.Run((ulong)at);
            lock (outcomes)
            {
                violations.AddRange(result.Violations.Select(v => ((ulong)at, v)));
                foreach (var outcome in result.Outcomes)
                {
                    outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                }
            }
        });
        watch.Stop();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{runs} batches in {watch.Elapsed.TotalSeconds:0.0} s, {runs / watch.Elapsed.TotalSeconds:0} a second"));
        foreach (var (outcome, count) in outcomes)
        {
            Console.WriteLine($"  {outcome,-28} {count,6}");
        }

        Console.WriteLine($"{violations.Count} violations in {violations.DistinctBy(v => v.Seed).Count()} batches");
        foreach (var (at, violation) in violations.OrderBy(v => v.Seed).Take(ViolationsShown))
        {
            Console.WriteLine($"  seed {at}: {violation.Invariant}: {violation.Sentence}");
        }

        return violations.Count == 0 ? 0 : 1;
    }
}
