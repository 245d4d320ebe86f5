using System.Globalization;

namespace VirtMigrate.Benchmarks;

/// <summary>The command line.</summary>
/// <param name="Names">The benchmarks that were named; none for all.</param>
/// <param name="List">Whether only to list the benchmarks.</param>
/// <param name="Runs">How often each measurement is to be repeated; null for each benchmark's own number.</param>
internal sealed record BenchmarkOptions(IReadOnlyList<string> Names, bool List, int? Runs)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = """
        VirtMigrate.Benchmarks [--runs N] [NAME...]
        VirtMigrate.Benchmarks -List

          NAME      run these benchmarks only
          --runs N  measure each N times, at least 1; for Leak: migrate N times
          -List     say which benchmarks there are
        """;

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">The arguments, with one or two dashes.</param>
    /// <returns>The options.</returns>
    /// <exception cref="FormatException">They make no sense.</exception>
    public static BenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchmarkOptions([], List: false, Runs: null);
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i].TrimStart('-').ToUpperInvariant() switch
            {
                _ when !arguments[i].StartsWith('-') => options with { Names = [.. options.Names, arguments[i]] },
                "LIST" => options with { List = true },
                "RUNS" => options with { Runs = ReadRuns(arguments, ++i) },
                _ => throw new FormatException($"There is no option {arguments[i]}.\n{Usage}"),
            };
        }

        return options;
    }

    private static int ReadRuns(IReadOnlyList<string> arguments, int at) =>
        at < arguments.Count && int.TryParse(arguments[at], NumberStyles.None, CultureInfo.InvariantCulture, out var runs) && runs > 0
            ? runs
            : throw new FormatException($"--runs takes a number of at least 1.\n{Usage}");
}
