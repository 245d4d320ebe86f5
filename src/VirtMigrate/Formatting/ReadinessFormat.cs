namespace VirtMigrate.Formatting;

/// <summary>Puts readiness reports into few words, for the format file.</summary>
public static class ReadinessFormat
{
    private static readonly ReadinessStatus[] WorstFirst =
        [ReadinessStatus.Failed, ReadinessStatus.Warning, ReadinessStatus.NotVerified, ReadinessStatus.Passed];

    /// <summary>What deserves attention, in short: what stands in the way with its message, the rest by its id.</summary>
    /// <param name="readiness">The report.</param>
    /// <returns>One line for each kind.</returns>
    public static string Findings(VmMigrationReadiness readiness)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        var obstacles = readiness.Obstacles;
        return string.Join('\n', obstacles.Select(c => $"{c.Id}: {c.Message}")
            .Append(Ids("warnings", readiness.Checks.Where(c => c.Status == ReadinessStatus.Warning)))
            .Append(Ids("not verified", readiness.Checks.Where(c => c.Status == ReadinessStatus.NotVerified).Except(obstacles)))
            .Append(readiness.Skipped.Count > 0 ? $"skipped: {string.Join(", ", readiness.Skipped)}" : string.Empty)
            .Where(line => line.Length > 0));
    }

    /// <summary>Every check in a paragraph of its own, with what was read and what to do; those without a finding in one line each.</summary>
    /// <param name="readiness">The report.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The paragraphs.</returns>
    public static string Checks(VmMigrationReadiness readiness, object? style)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        return string.Join('\n', readiness.Checks.SelectMany(c => Lines(c, style)));
    }

    /// <summary>The cell of the matrix: the worst that the checks of a category found.</summary>
    /// <param name="readiness">The report.</param>
    /// <param name="category">The category.</param>
    /// <param name="style">The variable <c>$PSStyle</c>.</param>
    /// <returns>The word or sign.</returns>
    public static string Mark(VmMigrationReadiness readiness, ReadinessCategory category, object? style)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        var found = readiness.Checks.Where(c => c.Category == category).Select(c => c.Status).ToHashSet();
        return StateStyle.Mark(WorstFirst.Where(found.Contains).Cast<ReadinessStatus?>().FirstOrDefault(), style);
    }

    private static IEnumerable<string> Lines(VmMigrationCheck check, object? style)
    {
        yield return $"{check.Id} ({check.Category}): {StateStyle.Check(check.Status, style)}. {check.Message}";
        if (check.Status is ReadinessStatus.Passed or ReadinessStatus.NotApplicable)
        {
            yield break;
        }

        foreach (var evidence in check.Evidence)
        {
            yield return $"  seen: {evidence}";
        }

        if (check.LibvirtError is { } error)
        {
            yield return $"  libvirt would say: {error}";
        }

        if (check.Recommendation is { } recommendation)
        {
            yield return $"  to do: {recommendation}";
        }
    }

    private static string Ids(string label, IEnumerable<VmMigrationCheck> checks)
    {
        var ids = string.Join(", ", checks.Select(c => c.Id));
        return ids.Length > 0 ? $"{label}: {ids}" : string.Empty;
    }
}
