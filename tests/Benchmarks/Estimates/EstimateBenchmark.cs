using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>Estimates against the migrations that follow, over a grid of guests and links.</summary>
internal sealed class EstimateBenchmark : IBenchmark
{
    private const string Subject = "Get-VmMigrationEstimate";
    private const string Peer = "dirty rate over 30 s";
    private const double NineInTen = 0.9;

    /// <inheritdoc/>
    public string Name => "Estimate";

    /// <inheritdoc/>
    public string Description =>
        $"{Subject} against the migrations that follow, and against the dirty rate over 30 s and a geometric series: {EstimateGrid.List().Count} of them";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public bool OnlyByName => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        GridCell[] cells = [.. EstimateGrid.List().Where(c => context.IsChosen(c.Number))];
        var (results, broken) = await MigrateAsync(context, cells);

        // The peer knows of nothing but the time for which memory moves.
        var (subject, peer) = (new Score(results, r => r.Estimate, a => a.Duration), new Score(results, r => r.Peer, a => a.Job));
        IEnumerable<string> report =
        [
            string.Empty, .. EstimateReport.Verdicts(Subject, subject), .. EstimateReport.Verdicts(Peer, peer),
            string.Empty, .. EstimateReport.Misses(Subject, subject), .. EstimateReport.Doubts(Subject, subject), .. EstimateReport.Misses(Peer, peer),
        ];
        foreach (var line in report)
        {
            context.Note(line);
        }

        IReadOnlyList<BenchmarkResult> figures = [.. Targets(subject), .. Comparison(subject, peer)];
        if (broken.Count == 0)
        {
            return figures;
        }

        ResultTable.Write(figures, context.Output);
        throw new BenchmarkException($"{broken.Count} of {cells.Length} cells could not be measured. {string.Join(' ', broken)}");
    }

    private static async Task<(IReadOnlyList<CellResult> Results, IReadOnlyList<string> Broken)> MigrateAsync(BenchmarkContext context, GridCell[] cells)
    {
        var lab = await context.GetLabAsync();
        await using var sessions = await LinkSessions.OpenAsync(context, lab, EstimateGrid.Links.Intersect(cells.Select(c => c.Link)));
        context.Note(EstimateReport.Heading);
        var results = new List<CellResult>();
        var broken = new List<string>();
        foreach (var moves in cells.GroupBy(c => c.Guest))
        {
            var before = results.Count;
            try
            {
                await MigrateAsync(context, lab, sessions, [.. moves], results);
            }
            catch (Exception e) when (e is BenchmarkException or LabException && !context.CancellationToken.IsCancellationRequested)
            {
                // One guest's trouble is not worth losing what the others show.
                broken.AddRange(moves.Skip(results.Count - before).Select(c => $"Cell {c.Number}: {e.Message}"));
                context.Note($"{moves.Key.Name}: {e.Message}");
            }
        }

        return (results, broken);
    }

    private static async Task MigrateAsync(
        BenchmarkContext context, Lab lab, LinkSessions sessions, GridCell[] moves, List<CellResult> results)
    {
        await using var guest = await MeasuredGuest.StartAsync(lab, sessions, moves[0]);
        foreach (var cell in moves)
        {
            await using var limits = await sessions.LimitAsync(cell.Link);
            var result = await guest.MoveAsync(cell);
            results.Add(result);
            context.Note(EstimateReport.Row(result));
        }

        await guest.AssertWholeAsync();
    }

    private IEnumerable<BenchmarkResult> Targets(Score score)
    {
        BenchmarkResult Row(string what, Unit unit, double figure, double bound) =>
            new(Name, what, unit, new(Subject, Series.Of(figure)), new("the bound", Series.Of(bound)), Target.AtMost(1));

        var errors = score.DurationErrors;
        IEnumerable<BenchmarkResult> durations = score.Ended.Count == 0 ? [] :
        [
            Row("error of the duration, median", Unit.Share, errors.Median, 0.10),
            Row("error of the duration, nine in ten", Unit.Share, errors.Percentile(NineInTen), 0.25),
        ];
        return
        [
            .. durations,
            Row("Converges, but did not end", Unit.Count, score.FalseConverges, 0),
            Row("Uncertain far from the border", Unit.Share, score.UncertainFar, 0.05),
        ];
    }

    private IEnumerable<BenchmarkResult> Comparison(Score subject, Score peer)
    {
        BenchmarkResult Row(string what, Unit unit, Func<Score, double> read) =>
            new(Name, what, unit, new(Subject, Series.Of(read(subject))), new(Peer, Series.Of(read(peer))));

        IEnumerable<BenchmarkResult> Errors(string what, Func<Score, Series> read) => subject.Ended.Count == 0 ? [] :
        [
            Row($"error of the {what}, median", Unit.Share, s => read(s).Median),
            Row($"error of the {what}, nine in ten", Unit.Share, s => read(s).Percentile(NineInTen)),
        ];

        return
        [
            .. Errors("duration", s => s.DurationErrors),
            .. Errors("bytes", s => s.TransferredErrors),
            .. Errors("downtime", s => s.DowntimeErrors),
            Row("Converges, but did not end", Unit.Count, s => s.FalseConverges),
        ];
    }
}
