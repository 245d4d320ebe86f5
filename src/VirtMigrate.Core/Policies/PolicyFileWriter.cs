using System.Collections;
using System.Globalization;
using System.Text;

namespace VirtMigrate.Policies;

/// <summary>Writes a policy as a PowerShell data file (.psd1), all of it, so that reading the file gives an equal policy.</summary>
internal static class PolicyFileWriter
{
    /// <summary>Writes a policy.</summary>
    public static string Write(MigrationPolicy policy)
    {
        var text = new StringBuilder("@{\n");
        Line(text, 1, nameof(MigrationPolicy.Name), Literal(policy.Name));
        Line(text, 1, nameof(MigrationPolicy.Description), Literal(policy.Description));
        if (policy.Options.Count > 0)
        {
            text.Append("\n    # Parameters of Start-VmMigration that it adds.\n    Options = @{\n");
            foreach (DictionaryEntry option in policy.Options)
            {
                Line(text, 2, (string)option.Key, Literal(option.Value));
            }

            text.Append("    }\n");
        }

        text.Append("\n    # Downtimes are milliseconds, all other times seconds.\n");
        Line(text, 1, nameof(MigrationPolicy.ThrottleLimit), Literal(policy.ThrottleLimit));
        Line(text, 1, nameof(MigrationPolicy.InitialMaxDowntime), Milliseconds(policy.InitialMaxDowntime));
        Line(text, 1, nameof(MigrationPolicy.Timeout), Seconds(policy.Timeout));
        Line(text, 1, nameof(MigrationPolicy.OnTimeout), Literal(policy.OnTimeout.ToString()));
        if (policy.Steps.Count > 0)
        {
            text.Append("\n    Steps = @(\n");
            foreach (var step in policy.Steps)
            {
                text.Append("        ").Append(Step(step)).Append('\n');
            }

            text.Append("    )\n");
        }

        if (policy.StallDetection is { } stall)
        {
            text.Append("\n    StallDetection = @{\n");
            Stall(text, stall);
            text.Append("    }\n");
        }

        return text.Append("}\n").ToString();
    }

    private static void Stall(StringBuilder text, MigrationStallDetection stall)
    {
        Line(text, 2, nameof(stall.Window), Seconds(stall.Window));
        Line(text, 2, nameof(stall.Threshold), Literal(stall.Threshold));
        Line(text, 2, nameof(stall.MinimumTolerance), Literal(stall.MinimumTolerance));
        Line(text, 2, nameof(stall.WindowDecay), Literal(stall.WindowDecay));
        Line(text, 2, nameof(stall.MaxDowntime), Milliseconds(stall.MaxDowntime));
        Line(text, 2, nameof(stall.DowntimeFactor), Literal(stall.DowntimeFactor));
        Line(text, 2, nameof(stall.RateSmoothing), Literal(stall.RateSmoothing));
        Line(text, 2, nameof(stall.SwitchoverDeadline), Seconds(stall.SwitchoverDeadline));
        Line(text, 2, nameof(stall.AllowPostCopy), Literal(stall.AllowPostCopy));
        Line(text, 2, nameof(stall.AllowSuspend), Literal(stall.AllowSuspend));
    }

    private static string Step(MigrationPolicyStep step)
    {
        var parts = new List<string>();
        if (step.AfterIterations is { } after)
        {
            parts.Add($"{nameof(MigrationPolicyStep.AfterIterations)} = {Literal(after)}");
        }

        parts.Add($"{nameof(MigrationPolicyStep.Action)} = {Literal(step.Action.ToString())}");
        if (step.MaxDowntime is { } downtime)
        {
            parts.Add($"{nameof(MigrationPolicyStep.MaxDowntime)} = {Milliseconds(downtime)}");
        }

        return $"@{{ {string.Join("; ", parts)} }}";
    }

    private static void Line(StringBuilder text, int depth, string key, string? value)
    {
        if (value is not null)
        {
            text.Append(' ', depth * 4).Append(key).Append(" = ").Append(value).Append('\n');
        }
    }

    private static string? Milliseconds(TimeSpan? duration) => duration is { } d ? Literal(d.TotalMilliseconds) : null;

    private static string? Seconds(TimeSpan? duration) => duration is { } d ? Literal(d.TotalSeconds) : null;

    private static string? Literal(object? value) => value switch
    {
        null => null,
        bool flag => flag ? "$true" : "$false",
        string text => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'",
        IEnumerable items => $"@({string.Join(", ", items.Cast<object>().Select(Literal))})",
        double number => number.ToString("0.###############", CultureInfo.InvariantCulture),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
