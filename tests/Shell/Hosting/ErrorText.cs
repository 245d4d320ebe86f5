using System.Management.Automation;
using System.Text;

namespace VirtMigrate.Shell.Hosting;

/// <summary>
/// What the console shows of an error: who failed and why, where, the stable id, the category, and what to do next.
/// Public because the view that calls it is a script block.
/// </summary>
public static class ErrorText
{
    /// <summary>The lines of one error, without a line end after the last.</summary>
    /// <param name="record">The error, or what carries one.</param>
    public static string Format(PSObject record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.BaseObject switch
        {
            ErrorRecord error => Format(error),
            IContainsErrorRecord { ErrorRecord: { } error } => Format(error),
            var other => other.ToString() ?? "",
        };
    }

    internal static string Format(ErrorRecord error)
    {
        var message = error.ErrorDetails?.Message is { Length: > 0 } details ? details : error.Exception.Message;
        if (error.FullyQualifiedErrorId.StartsWith("NativeCommandError", StringComparison.Ordinal))
        {
            // What a native command wrote to standard error is its text, not ours.
            return message;
        }

        var style = PSStyle.Instance.Formatting;
        var text = new StringBuilder();
        text.Append(style.Error).Append(Subject(error)).Append(": ").Append(message).Append(PSStyle.Instance.Reset);
        AppendDetail(text, "At", Position(error));
        AppendDetail(text, "ErrorId", error.FullyQualifiedErrorId);
        AppendDetail(text, "Category", Category(error.CategoryInfo));
        AppendDetail(text, "Recommendation", error.ErrorDetails?.RecommendedAction, style.ErrorAccent);
        return text.ToString();
    }

    private static string Subject(ErrorRecord error)
    {
        if (error.CategoryInfo.Category is ErrorCategory.ParserError)
        {
            return "ParserError";
        }

        var name = error.Exception is CommandNotFoundException notFound ? notFound.CommandName : error.InvocationInfo?.MyCommand?.Name;
        return string.IsNullOrEmpty(name) ? error.CategoryInfo.Reason : name;
    }

    // The invocation is that of the command that failed; where the error has come up through scripts, that is the
    // outermost one, and the stack knows better.
    private static string? Position(ErrorRecord error)
    {
        var innermost = error.ScriptStackTrace?.Split('\n')[0].Trim();
        if (error.InvocationInfo is { ScriptName.Length: > 0 } where
            && (innermost is null || innermost.EndsWith($"{where.ScriptName}: line {where.ScriptLineNumber}", StringComparison.Ordinal)))
        {
            return $"{where.ScriptName}:{where.ScriptLineNumber}: {where.Line.Trim()}";
        }

        return innermost is null || innermost.Contains("<No file>", StringComparison.Ordinal) ? null : innermost["at ".Length..];
    }

    private static string Category(ErrorCategoryInfo info) =>
        string.IsNullOrEmpty(info.TargetName) ? $"{info.Category}" : $"{info.Category} ({info.TargetName})";

    private static void AppendDetail(StringBuilder text, string label, string? value, string style = "")
    {
        if (!string.IsNullOrEmpty(value))
        {
            var reset = style.Length == 0 ? "" : PSStyle.Instance.Reset;
            text.AppendLine().Append("  ").Append(style).Append(label).Append(": ").Append(value).Append(reset);
        }
    }
}
