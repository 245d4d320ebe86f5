namespace VirtMigrate.Formatting;

/// <summary>A bar chart of one line: a character for each value, whose height counts from zero up to the highest value.</summary>
public static class ChartLine
{
    private const string Blocks = "▁▂▃▄▅▆▇█";
    private const string Plain = "_.-:=+*#";

    /// <summary>Draws values.</summary>
    /// <param name="values">The values, none below zero.</param>
    /// <param name="isPlain">Whether only ASCII can be shown.</param>
    /// <returns>As many characters as there are values.</returns>
    public static string Draw(IReadOnlyCollection<double> values, bool isPlain)
    {
        ArgumentNullException.ThrowIfNull(values);
        var bars = isPlain ? Plain : Blocks;
        var highest = values.DefaultIfEmpty().Max();
        return string.Concat(values.Select(v => bars[highest > 0 ? (int)Math.Round(v / highest * (bars.Length - 1)) : 0]));
    }
}
