using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>How libvirt's XML is read.</summary>
internal static class LibvirtXml
{
    /// <summary>Reads XML that came from somewhere else: without document types, which could name files and grow without end.</summary>
    /// <exception cref="XmlException">It is no XML.</exception>
    public static XElement Parse(string xml)
    {
        using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit });
        return XElement.Load(reader);
    }

    /// <summary>An attribute's value; null where the attribute, or the element itself, is not there.</summary>
    public static string? Attr(this XElement? element, string name) => (string?)element?.Attribute(name);

    /// <summary>Reads a whole number that is not negative; null where the text is none.</summary>
    public static long? ToNumber(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Reads an element of storage XML that holds a size: bytes where no unit is given.</summary>
    /// <exception cref="FormatException">It holds no integer.</exception>
    public static long ReadBytes(XElement size) => Scale((long)size, size.Attr("unit") ?? "b");

    /// <summary>Turns a scaled integer into bytes, by libvirt's rules (virScaleInteger): KiB where no unit is given.</summary>
    public static long Scale(long value, string? unit)
    {
        if (string.IsNullOrEmpty(unit))
        {
            return value * 1024;
        }

        var power = "bkmgtpe".IndexOf(char.ToLowerInvariant(unit[0]), StringComparison.Ordinal);
        var step = unit.Length == 2 && char.ToLowerInvariant(unit[1]) == 'b' ? 1000L : 1024L;
        for (; power > 0; power--)
        {
            value *= step;
        }

        return value;
    }
}

/// <summary>Sets of numbers as libvirt writes them: <c>0-3,8,^2</c> (virBitmapParse).</summary>
internal static class NumberSet
{
    // As far as any host's processors go; a range beyond it is no range.
    private const int Limit = 65_536;

    /// <summary>Reads a set; what is no number is left out.</summary>
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

    /// <summary>Reads a number; null where it is none.</summary>
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
