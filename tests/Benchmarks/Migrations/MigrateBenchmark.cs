using VirtMigrate.Benchmarks.Measurement;

namespace VirtMigrate.Benchmarks.Migrations;

/// <summary>One live migration against virsh, with a guest that rests and with one that writes.</summary>
internal sealed class MigrateBenchmark : IBenchmark
{
    private const int UsualRounds = 20;
    private const string Subject = "Start-VmMigration";
    private const string Peer = "virsh migrate";

    /// <inheritdoc/>
    public string Name => "Migrate";

    /// <inheritdoc/>
    public string Description => "Start-VmMigration in a warm session against virsh migrate, both --live --persistent over tcp";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        await using var session = await ModuleSession.OpenAsync(context.CancellationToken);
        return [.. await MeasureAsync(context, session, "idle", 0), .. await MeasureAsync(context, session, "10 MiB/s dirty", 10)];
    }

    private async Task<IReadOnlyList<BenchmarkResult>> MeasureAsync(BenchmarkContext context, ModuleSession session, string what, int dirty)
    {
        var lab = await context.GetLabAsync();
        await using var guest = await MovingGuest.StartAsync(lab, session, $"bench-dirty{dirty}", "--dirty", $"{dirty}");

        // Each move turns the direction, and each round the order: in an even number of rounds both go each way equally often.
        var rounds = (context.Runs(UsualRounds) + 1) / 2 * 2;
        var measured = await Race.RunAsync(rounds, [guest.MoveByModuleAsync, guest.MoveByVirshAsync], context.CancellationToken);
        await guest.AssertWholeAsync();

        BenchmarkResult Row(string figure, Func<MigrationFigures, TimeSpan> read, Target? target) => new(
            Name, $"{figure}, {what}", Unit.Seconds,
            new(Subject, Series.Of(measured[0].Select(read))), new(Peer, Series.Of(measured[1].Select(read))), target);

        return
        [
            Row("time", f => f.Time, Target.AtMost(1.05)),
            Row("time outside of libvirt's job", f => f.Time - f.Job, target: null),
            Row("downtime", f => f.Downtime, Target.AtMost(1.05)),
            Row("guest's silence", f => f.Silence, target: null),
        ];
    }
}
