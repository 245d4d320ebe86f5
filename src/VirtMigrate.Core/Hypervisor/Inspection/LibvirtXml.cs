using System.Xml;
using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>How libvirt's XML is read.</summary>
internal static class LibvirtXml
{
    /// <summary>Reads XML that came from somewhere else: without document types, which could name files and grow without end.</summary>
    /// <param name="xml">The XML.</param>
    /// <returns>Its root.</returns>
    /// <exception cref="XmlException">It is no XML.</exception>
    public static XElement Parse(string xml)
    {
        ArgumentNullException.ThrowIfNull(xml);
        using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit });
        return XElement.Load(reader);
    }

    /// <summary>Reads an element of storage XML that holds a size: bytes where no unit is given.</summary>
    /// <param name="size">The element.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="FormatException">It holds no integer.</exception>
    public static long ReadBytes(XElement size) => Scale((long)size, (string?)size.Attribute("unit") ?? "b");

    /// <summary>Turns a scaled integer into bytes, by libvirt's rules (virScaleInteger): KiB where no unit is given.</summary>
    /// <param name="value">The number.</param>
    /// <param name="unit">The unit, such as <c>KiB</c>, <c>k</c> or <c>GB</c>; null for KiB.</param>
    /// <returns>Bytes.</returns>
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
