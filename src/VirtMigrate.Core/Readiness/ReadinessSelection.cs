using VirtMigrate.Model;

namespace VirtMigrate.Readiness;

/// <summary>Which checks are made, and how strictly.</summary>
internal sealed record ReadinessSelection
{
    /// <summary>Stands for all checks in a list of those to skip.</summary>
    public const string All = "All";

    /// <summary>The categories to look at; empty for all.</summary>
    public IReadOnlyCollection<ReadinessCategory> Categories { get; init; } = [];

    /// <summary>The ids of checks to leave out, in any case.</summary>
    public IReadOnlyCollection<string> Skip { get; init; } = [];

    /// <summary>Whether only those checks are made that Start-VmMigration makes by itself.</summary>
    public bool QuickOnly { get; init; }

    /// <summary>Whether what can't be verified counts as an obstacle.</summary>
    public bool IsStrict { get; init; }

    /// <summary>How long to measure each running VM's dirty rate; null to go by the last measured one.</summary>
    public TimeSpan? DirtyRatePeriod { get; init; }

    /// <summary>Whether a text is the id of a check, or stands for all.</summary>
    /// <param name="id">The text.</param>
    /// <returns>True when it is.</returns>
    public static bool Knows(string id) =>
        string.Equals(id, All, StringComparison.OrdinalIgnoreCase) ||
        ReadinessCheck.All.Any(c => string.Equals(c.Id, id, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a text is the id of a check that protects data, and so is made even if it is to be skipped.</summary>
    /// <param name="id">The text.</param>
    /// <returns>True when it is.</returns>
    public static bool Protects(string id) =>
        ReadinessCheck.All.Any(c => c.ProtectsData && string.Equals(c.Id, id, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether a check is made.</summary>
    /// <param name="check">The check.</param>
    /// <returns>True when it is.</returns>
    public bool Includes(ReadinessCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return (Categories.Count == 0 || Categories.Contains(check.Category)) && (check.IsQuick || !QuickOnly) && !Skips(check);
    }

    /// <summary>Whether a check is left out on request. One that protects data never is.</summary>
    /// <param name="check">The check.</param>
    /// <returns>True when it is.</returns>
    public bool Skips(ReadinessCheck check)
    {
        ArgumentNullException.ThrowIfNull(check);
        return !check.ProtectsData &&
            (Skip.Contains(All, StringComparer.OrdinalIgnoreCase) || Skip.Contains(check.Id, StringComparer.OrdinalIgnoreCase));
    }
}
