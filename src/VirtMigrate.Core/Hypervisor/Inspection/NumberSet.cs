using System.Globalization;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Sets of numbers as libvirt writes them: <c>0-3,8,^2</c> (virBitmapParse).</summary>
internal static class NumberSet
{
    // As far as any host's processors go; a range beyond it is no range.
    private const int Limit = 65_536;

    /// <summary>Reads a set.</summary>
    /// <param name="text">The text; null for an empty set.</param>
    /// <returns>The numbers; what is no number is left out.</returns>
    public static IReadOnlySet<int> Parse(string? text)
    {
        var numbers = new SortedSet<int>();
        foreach (var part in (text ?? string.Empty).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (part[0] == '^')
            {
                numbers.ExceptWith(Range(part[1..]));
            }
            else
            {
                numbers.UnionWith(Range(part));
            }
        }

        return numbers;
    }

    /// <summary>Reads a number.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The number; null where it is none.</returns>
    public static int? ToNumber(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < Limit ? number : null;

    private static IEnumerable<int> Range(string text)
    {
        var ends = text.Split('-');
        return ToNumber(ends[0]) is { } first && ToNumber(ends[^1]) is { } last && last >= first
            ? Enumerable.Range(first, last - first + 1)
            : [];
    }
}
