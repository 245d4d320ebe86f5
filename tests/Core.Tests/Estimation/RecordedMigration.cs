using System.Globalization;

namespace VirtMigrate.Tests.Estimation;

/// <summary>Accounts of real migrations of guests of 512 MiB (virsh domjobinfo --rawstats, some three times a second).</summary>
internal static class RecordedMigration
{
    private const long Total = 537_411_584;

    /// <summary>Reads a recording.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The accounts in their order.</returns>
    public static IReadOnlyList<JobStatistics> Read(string name) =>
    [
        .. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Estimation", "Recorded", name + ".csv")).Skip(1).Select(line =>
        {
            long?[] row = [.. line.Split(',').Select(v => v.Length > 0 ? long.Parse(v, CultureInfo.InvariantCulture) : (long?)null)];
            return new JobStatistics
            {
                Operation = JobOperation.MigrationOut,
                Elapsed = TimeSpan.FromMilliseconds(row[0]!.Value),
                Iteration = row[1],
                DataTotal = row[1] > 0 ? Total : 0,
                MemoryTotal = Total,
                DataRemaining = row[2]!.Value,
                MemoryRemaining = row[2],
                DataProcessed = row[3]!.Value,
                MemoryProcessed = row[3],
                MemoryRate = row[4],
                DirtyPagesPerSecond = row[5],
                PageSize = 4096,
            };
        }),
    ];
}
