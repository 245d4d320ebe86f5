using System.Management.Automation;

namespace VirtMigrate.Shell.Progress;

/// <summary>One activity as last heard of: a copy, as cmdlets reuse their records.</summary>
internal sealed record ProgressActivity(
    long SourceId,
    int Id,
    int ParentId,
    string Activity,
    string Status,
    string CurrentOperation,
    int PercentComplete,
    int SecondsRemaining)
{
    public static ProgressActivity From(long sourceId, ProgressRecord record) => new(
        sourceId,
        record.ActivityId,
        record.ParentActivityId,
        OneLine(record.Activity),
        OneLine(record.StatusDescription),
        OneLine(record.CurrentOperation),
        record.PercentComplete,
        record.SecondsRemaining);

    private static string OneLine(string? text) => (text ?? "").ReplaceLineEndings(" ").Trim();
}
