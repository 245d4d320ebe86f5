namespace VirtMigrate.Hypervisor;

/// <summary>One row of a table of deadlines, for docs/en-US/about_VmMigration.md.</summary>
/// <param name="What">What may take so long.</param>
/// <param name="Time">How long.</param>
/// <param name="Why">Why, and from what that follows.</param>
internal sealed record DeadlineRow(string What, TimeSpan Time, string Why)
{
    /// <summary>The row as the page has it.</summary>
    /// <returns>A row of a Markdown table.</returns>
    public override string ToString() => $"| {What} | {InWords(Time)} | {Why} |";

    private static string InWords(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => $"{time.TotalMilliseconds:0} ms",
        { TotalMinutes: < 2 } => $"{time.TotalSeconds:0} s",
        { TotalDays: < 1 } => $"{time.TotalMinutes:0} min",
        _ => $"{time.TotalDays:0} days",
    };
}
