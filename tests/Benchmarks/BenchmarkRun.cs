using VirtMigrate.Benchmarks.Estimates;
using VirtMigrate.Benchmarks.Listing;
using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.Benchmarks.Migrations;
using VirtMigrate.Benchmarks.Readiness;
using VirtMigrate.Benchmarks.Startup;
using VirtMigrate.Benchmarks.Transports;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks;

/// <summary>The whole program: choose, run, sum up.</summary>
internal static class BenchmarkRun
{
    private const int Failed = 1;
    private const int BadUsage = 2;
    private const int Interrupted = 130;

    // The leak goes first: memory that others leave to the process would hide what it looks for.
    private static readonly IBenchmark[] All =
    [
        new LeakBenchmark(),
        new MigrateBenchmark(),
        new List10kBenchmark(),
        new Ssh20Benchmark(),
        new List200Benchmark(),
        new Ready200Benchmark(),
        new TransportsBenchmark(),
        new ColdBenchmark(),
        new EstimateBenchmark(),
    ];

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="cancellationToken">Ends it early.</param>
    /// <returns>The exit code: 0 however slow anything is, 1 when a benchmark could not measure.</returns>
    public static async Task<int> MainAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            var options = BenchmarkOptions.Parse(arguments);
            if (options.List)
            {
                await ListAsync(Choose(options.Names, All));
                return 0;
            }

            return await RunAsync(Choose(options.Names, [.. All.Where(b => !b.OnlyByName)]), options, cancellationToken);
        }
        catch (FormatException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return BadUsage;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return Interrupted;
        }
    }

    private static async Task<int> RunAsync(IBenchmark[] chosen, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var output = Console.Out;
        await output.WriteLineAsync(await Machine.DescribeAsync());
        await using var context = new BenchmarkContext(options, output, cancellationToken);
        var results = new List<BenchmarkResult>();
        var failures = new List<string>();
        foreach (var benchmark in chosen)
        {
            await output.WriteLineAsync($"\n{benchmark.Name}: {benchmark.Description}");
            if (benchmark.NeedsLab && !Lab.IsPossible)
            {
                context.Note("left out: it needs real hosts, and they need Linux and root.");
                continue;
            }

            try
            {
                var measured = await benchmark.RunAsync(context);
                results.AddRange(measured);
                ResultTable.Write(measured, output);
            }
            catch (Exception e) when (e is not OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                failures.Add(benchmark.Name);
                context.Note($"failed: {e.Message}");
            }

            // An interruption reaches the programs that a benchmark runs as well, and whatever they then say is no failure.
            cancellationToken.ThrowIfCancellationRequested();
        }

        // Once more: whether there is KVM is found out when the lab comes up for the first time.
        await output.WriteLineAsync($"\nSummary\n{await Machine.DescribeAsync()}");
        ResultTable.Write(results, output);
        await output.WriteLineAsync(failures.Count == 0 ? "Every benchmark ran." : $"Failed: {string.Join(", ", failures)}");
        return failures.Count == 0 ? 0 : Failed;
    }

    private static IBenchmark[] Choose(IReadOnlyList<string> names, IBenchmark[] usual) => names.Count == 0
        ? usual
        : [.. names.Select(name => All.FirstOrDefault(b => string.Equals(b.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new FormatException($"There is no benchmark {name}, only {string.Join(", ", All.Select(b => b.Name))}."))];

    private static async Task ListAsync(IBenchmark[] benchmarks)
    {
        foreach (var benchmark in benchmarks)
        {
            await Console.Out.WriteLineAsync($"{benchmark.Name,-8} {benchmark.Description}{(benchmark.OnlyByName ? " (only when it is named)" : string.Empty)}");
        }
    }
}
