using VirtMigrate.Benchmarks.Measurement;

namespace VirtMigrate.Benchmarks.Migrations;

/// <summary>What two hundred migrations leave in a PowerShell.</summary>
internal sealed class LeakBenchmark : IBenchmark
{
    private const int UsualMigrations = 200;

    /// <inheritdoc/>
    public string Name => "Leak";

    /// <inheritdoc/>
    public string Description => $"a PowerShell after {UsualMigrations} migrations in one session, against after a tenth of them";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        var many = context.Runs(UsualMigrations);
        var few = Math.Max(1, many / 10);
        await using var session = await ModuleSession.OpenAsync(context.CancellationToken);
        await using var guest = await MovingGuest.StartAsync(await context.GetLabAsync(), session, "bench-leak", "--memory", "192");
        await MoveAsync(guest, few);
        var before = await ProcessFootprint.TakeAsync(session);
        await MoveAsync(guest, many - few);
        var after = await ProcessFootprint.TakeAsync(session);
        await guest.AssertWholeAsync();

        BenchmarkResult Row(string what, Unit unit, Func<ProcessFootprint, double> read, double most) => new(Name, what, unit,
            new($"after {many}", Series.Of(read(after))), new($"after {few}", Series.Of(read(before))), Target.AtMost(most));

        return
        [
            Row("resident memory", Unit.Bytes, f => f.Resident, 1.05),
            Row("resident memory in use", Unit.Bytes, f => f.Used, 1.05),
            Row("managed memory", Unit.Bytes, f => f.Managed, 1.05),
            Row("open descriptors", Unit.Count, f => f.Descriptors, 1),
            Row("threads", Unit.Count, f => f.Threads, 1),
        ];
    }

    private static async Task MoveAsync(MovingGuest guest, int times)
    {
        for (var i = 0; i < times; i++)
        {
            await guest.MoveByModuleAsync();
        }
    }
}
