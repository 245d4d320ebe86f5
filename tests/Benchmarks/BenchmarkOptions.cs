using System.Globalization;

namespace VirtMigrate.Benchmarks;

/// <summary>The command line.</summary>
/// <param name="Names">The benchmarks that were named; none for all.</param>
/// <param name="List">Whether only to list the benchmarks.</param>
/// <param name="Runs">How often each measurement is to be repeated; null for each benchmark's own number.</param>
/// <param name="Cells">The first and the last cell of a grid to run; null for all of it.</param>
internal sealed record BenchmarkOptions(IReadOnlyList<string> Names, bool List, int? Runs, (int First, int Last)? Cells)
{
    /// <summary>How to call the program.</summary>
    public const string Usage = """
        VirtMigrate.Benchmarks [--runs N] [NAME...]
        VirtMigrate.Benchmarks -Estimate [-Cells N[-M]]
        VirtMigrate.Benchmarks -List

          NAME          run these benchmarks only
          --runs N      measure each N times, at least 1; for Leak: migrate N times; not for Estimate
          -Estimate     run the benchmark Estimate: half an hour
          -Cells N[-M]  of Estimate run this cell, or the cells from N to M, of its grid only
          -List         say which benchmarks there are
        """;

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">The arguments, with one or two dashes.</param>
    /// <returns>The options.</returns>
    /// <exception cref="FormatException">They make no sense.</exception>
    public static BenchmarkOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new BenchmarkOptions([], List: false, Runs: null, Cells: null);
        for (var i = 0; i < arguments.Count; i++)
        {
            options = arguments[i].TrimStart('-').ToUpperInvariant() switch
            {
                _ when !arguments[i].StartsWith('-') => options with { Names = [.. options.Names, arguments[i]] },
                "ESTIMATE" => options with { Names = [.. options.Names, "Estimate"] },
                "CELLS" => options with { Cells = ReadCells(arguments, ++i) },
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

    private static (int First, int Last) ReadCells(IReadOnlyList<string> arguments, int at)
    {
        string[] ends = at < arguments.Count ? arguments[at].Split('-') : [];
        return ends.Length is 1 or 2
            && int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first > 0 && last >= first
            ? (first, last)
            : throw new FormatException($"-Cells takes a cell's number, from 1, or two such as 1-8.\n{Usage}");
    }
}
