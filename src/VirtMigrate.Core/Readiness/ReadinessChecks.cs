namespace VirtMigrate.Readiness;

/// <summary>All checks that there are: every class of this assembly that is one.</summary>
public static class ReadinessChecks
{
    /// <summary>The checks, by category and id.</summary>
    public static IReadOnlyList<ReadinessCheck> All { get; } =
    [
        .. typeof(ReadinessCheck).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(ReadinessCheck)))
            .Select(t => (ReadinessCheck)Activator.CreateInstance(t)!)
            .OrderBy(c => c.Category).ThenBy(c => c.Id, StringComparer.Ordinal),
    ];
}
