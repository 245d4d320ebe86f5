using System.Text;

namespace VirtMigrate.Formatting;

/// <summary>
/// Shows how a migration went in two lines of bars, its rate and what remained, each with its scale in words; for the format file.
/// Every bar stands for the same time, and what remained is what the last sample until then said.
/// </summary>
public static class SampleChart
{
    private const int Width = 36;
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Plain = "_.-:=+*#";

    /// <summary>Whether there is enough for a chart.</summary>
    /// <param name="samples">The samples, in the order of time.</param>
    /// <returns>Whether there is.</returns>
    public static bool IsPossible(IReadOnlyList<MigrationSample>? samples) => samples is { Count: > 1 } && samples[^1].Elapsed > samples[0].Elapsed;

    /// <summary>Draws samples for this console.</summary>
    /// <param name="samples">The samples, in the order of time.</param>
    /// <returns>Two lines; nothing where there is not enough for a chart.</returns>
    public static string Of(IReadOnlyList<MigrationSample>? samples) => Draw(samples, "remaining", !IsUnicode(Console.OutputEncoding));

    /// <summary>Draws samples of which there is one for each iteration, for this console.</summary>
    /// <param name="samples">The samples, in the order of time.</param>
    /// <returns>Two lines; nothing where there is not enough for a chart.</returns>
    public static string OfIterations(IReadOnlyList<MigrationSample>? samples) => Draw(samples, "remaining by iteration", !IsUnicode(Console.OutputEncoding));

    /// <summary>Draws samples.</summary>
    /// <param name="samples">The samples, in the order of time.</param>
    /// <param name="remainder">What the second line shows.</param>
    /// <param name="isPlain">Whether only ASCII can be shown.</param>
    /// <returns>Two lines; nothing where there is not enough for a chart.</returns>
    internal static string Draw(IReadOnlyList<MigrationSample>? samples, string remainder, bool isPlain)
    {
        if (samples is null || !IsPossible(samples))
        {
            return string.Empty;
        }

        var begin = samples[0].Elapsed;
        var step = (samples[^1].Elapsed - begin) / Width;
        var rates = new double[Width];
        var remaining = new double[Width];
        for (var i = 0; i < Width; i++)
        {
            var end = i < Width - 1 ? begin + (step * (i + 1)) : samples[^1].Elapsed;
            rates[i] = Math.Max(0, Transferred(samples, end) - Transferred(samples, end - step)) / step.TotalSeconds;
            remaining[i] = samples.Last(s => s.Elapsed <= end).Remaining;
        }

        return $"{Line(rates, isPlain)}  rate {Scale(rates, v => HumanFormat.Rate(v))}, over {HumanFormat.Duration(samples[^1].Elapsed - begin)}\n"
            + $"{Line(remaining, isPlain)}  {remainder} {Scale(remaining, v => HumanFormat.Size(v))}";
    }

    /// <summary>Draws one line: a character for each value, whose height counts from zero up to the highest value.</summary>
    /// <param name="values">The values, none below zero.</param>
    /// <param name="isPlain">Whether only ASCII can be shown.</param>
    /// <returns>As many characters as there are values.</returns>
    internal static string Line(IReadOnlyCollection<double> values, bool isPlain)
    {
        var bars = isPlain ? Plain : Blocks;
        var highest = values.DefaultIfEmpty().Max();
        return string.Concat(values.Select(v => bars[highest > 0 ? (int)Math.Round(v / highest * (bars.Length - 1)) : 0]));
    }

    /// <summary>Whether an encoding has the bars.</summary>
    /// <param name="encoding">The encoding.</param>
    /// <returns>Whether it has.</returns>
    internal static bool IsUnicode(Encoding encoding) => encoding.CodePage is 65001 or 1200 or 1201 or 12000 or 12001;

    // What had crossed until a moment: between two samples it is taken to cross evenly.
    private static double Transferred(IReadOnlyList<MigrationSample> samples, TimeSpan moment)
    {
        var next = samples.FirstOrDefault(s => s.Elapsed >= moment) ?? samples[^1];
        var last = samples.LastOrDefault(s => s.Elapsed <= moment) ?? samples[0];
        return next.Elapsed > last.Elapsed
            ? last.Transferred + ((next.Transferred - last.Transferred) * ((moment - last.Elapsed) / (next.Elapsed - last.Elapsed)))
            : next.Transferred;
    }

    private static string Scale(double[] values, Func<long, string> write)
    {
        var (least, most) = (write((long)values.Min()), write((long)values.Max()));
        return string.Equals(least, most, StringComparison.Ordinal) ? most : $"{least} to {most}";
    }
}
