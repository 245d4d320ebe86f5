using VirtMigrate.Readiness;

namespace VirtMigrate.Tests.Readiness;

/// <summary>The table of checks, as the documentation shows it.</summary>
internal static class ReadinessPage
{
    public static IEnumerable<string> Lines() =>
    [
        "| Id | Category | Quick | What is looked at |",
        "| --- | --- | --- | --- |",
        .. ReadinessCheck.All.Select(c => $"| {c.Id} | {c.Category} | {(c.ProtectsData ? "always" : c.IsQuick ? "yes" : "no")} | {c.Subject.Replace("|", "\\|", StringComparison.Ordinal)} |"),
    ];
}
