namespace VirtMigrate.Hypervisor.Statistics;

/// <summary>Finds single values among statistics.</summary>
internal static class StatisticExtensions
{
    /// <summary>Finds a number.</summary>
    /// <param name="values">The statistics.</param>
    /// <param name="name">The number's name.</param>
    /// <returns>The number; null where there is none.</returns>
    public static long? FindNumber(this IReadOnlyList<Statistic> values, string name) => values.Find(name)?.Number;

    /// <summary>Finds a text.</summary>
    /// <param name="values">The statistics.</param>
    /// <param name="name">The text's name.</param>
    /// <returns>The text; null where there is none.</returns>
    public static string? FindText(this IReadOnlyList<Statistic> values, string name) => values.Find(name)?.Text;

    private static Statistic? Find(this IReadOnlyList<Statistic> values, string name)
    {
        foreach (var value in values)
        {
            if (value.Name.Equals(name, StringComparison.Ordinal))
            {
                return value;
            }
        }

        return null;
    }
}
