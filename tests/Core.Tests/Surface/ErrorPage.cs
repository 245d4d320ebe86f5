using System.Text.RegularExpressions;
using VirtMigrate.Errors;
using VirtMigrate.Failures;

namespace VirtMigrate.Tests.Surface;

/// <summary>The table of docs/en-US/about_VmMigrationErrors.md, made of the reasons for which migrations fail and their messages.</summary>
internal static partial class ErrorPage
{
    private static readonly FailureFacts Places = new() { Vm = "{0}", Host = "{1}", Said = "{2}", Destination = "{3}" };

    /// <summary>The table's lines.</summary>
    /// <returns>Markdown.</returns>
    public static IEnumerable<string> Lines() => FailureTable.Reasons.OrderBy(k => k.Id, StringComparer.Ordinal).Select(Line)
        .Prepend("| --- | --- | --- | --- |").Prepend("| Id | Category | Again | What it means |");

    private static string Line(Failure kind) => $"| {kind.Id} | {kind.Category} | " +
        $"{kind.CanRetry switch { true => "can help", false => "no", _ => string.Empty }} | {Meaning(kind.Message(Places))} |";

    private static string Meaning(string message)
    {
        var text = Said().Replace(message, string.Empty)
            .Replace("'{1}'", "the source", StringComparison.Ordinal).Replace("'{3}'", "the destination", StringComparison.Ordinal)
            .Replace("a VM '{0}'", "such a VM", StringComparison.Ordinal).Replace("VM '{0}'", "the VM", StringComparison.Ordinal).TrimEnd('.', ' ');
        return text.Length == 0 ? "as libvirt says" : char.ToUpperInvariant(text[0]) + text[1..];
    }

    [GeneratedRegex(":? ?\\{2\\}$", RegexOptions.NonBacktracking)]
    private static partial Regex Said();
}
