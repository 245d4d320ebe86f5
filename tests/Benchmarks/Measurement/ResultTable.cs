namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>Prints results, a row each.</summary>
internal static class ResultTable
{
    private static readonly string[] Heading =
        ["benchmark", "what", "subject", "median", "min–max", "peer", "median", "min–max", "ratio", "target", ""];

    /// <summary>Prints results.</summary>
    /// <param name="results">The results.</param>
    /// <param name="output">Where to.</param>
    public static void Write(IReadOnlyList<BenchmarkResult> results, TextWriter output)
    {
        if (results.Count == 0)
        {
            return;
        }

        string[][] rows = [Heading, .. results.Select(Row)];
        var widths = Heading.Select((_, column) => rows.Max(r => r[column].Length)).ToArray();
        output.WriteLine();
        foreach (var row in rows)
        {
            output.WriteLine("  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }

    private static string[] Row(BenchmarkResult result)
    {
        var peer = result.Peer;
        return
        [
            result.Benchmark,
            result.What,
            result.Subject.Name,
            Figure.Median(result.Subject.Series, result.Unit),
            Figure.Range(result.Subject.Series, result.Unit),
            peer?.Name ?? string.Empty,
            peer is null ? string.Empty : Figure.Median(peer.Series, result.Unit),
            peer is null ? string.Empty : Figure.Range(peer.Series, result.Unit),
            result.Ratio is { } ratio ? result.Target?.Format(ratio) ?? Figure.Ratio(ratio) : string.Empty,
            result.Target?.ToString() ?? string.Empty,
            result.IsReached switch { true => "reached", false => "missed", null => string.Empty },
        ];
    }
}
