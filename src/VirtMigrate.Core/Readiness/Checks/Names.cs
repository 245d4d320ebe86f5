namespace VirtMigrate.Readiness.Checks;

/// <summary>Names as messages list them.</summary>
internal static class Names
{
    /// <summary>Joins names, each in quotes.</summary>
    /// <param name="names">The names.</param>
    /// <returns>A text.</returns>
    public static string Join(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
