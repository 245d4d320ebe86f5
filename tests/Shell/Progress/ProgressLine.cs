using System.Globalization;
using System.Text;

namespace VirtMigrate.Shell.Progress;

/// <summary>The words of an activity: <c>Moving web01 [#####.....]  50 % copying memory, 12 s left</c>.</summary>
internal static class ProgressLine
{
    private const int BarWidth = 20;

    /// <summary>One line, at most <paramref name="width"/> characters long.</summary>
    public static string Format(ProgressActivity activity, int depth, int width)
    {
        var line = new StringBuilder().Append(' ', 2 * depth).Append(activity.Activity);
        if (activity.PercentComplete is >= 0 and <= 100)
        {
            var filled = activity.PercentComplete * BarWidth / 100;
            line.Append(" [").Append('#', filled).Append('.', BarWidth - filled).Append(']')
                .Append(CultureInfo.InvariantCulture, $" {activity.PercentComplete,3} %");
        }

        if (activity.Status.Length > 0)
        {
            line.Append(' ').Append(activity.Status);
        }

        if (activity.SecondsRemaining >= 0)
        {
            line.Append(CultureInfo.InvariantCulture, $", {TimeSpan.FromSeconds(activity.SecondsRemaining):g} left");
        }

        if (activity.CurrentOperation.Length > 0)
        {
            line.Append(" - ").Append(activity.CurrentOperation);
        }

        return Cut(line.ToString(), width);
    }

    public static string Cut(string text, int width) => text.Length <= width ? text : text[..Math.Max(0, width - 1)] + "…";
}
