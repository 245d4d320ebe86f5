using System.Xml;
using System.Xml.Linq;
using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Hypervisor.Virsh.Parsing;

/// <summary>Reads the XML that virsh passes on.</summary>
internal static class XmlOutput
{
    /// <summary>Reads a description.</summary>
    /// <typeparam name="T">What is read.</typeparam>
    /// <param name="text">The output.</param>
    /// <param name="root">The root element that it has to have.</param>
    /// <param name="read">Reads it from that element.</param>
    /// <returns>What was read.</returns>
    /// <exception cref="VirshOutputException">It is no such XML.</exception>
    public static T Read<T>(string text, string root, Func<XElement, T> read)
    {
        try
        {
            var xml = LibvirtXml.Parse(text);
            return xml.Name.LocalName.Equals(root, StringComparison.Ordinal) ? read(xml) : throw new VirshOutputException($"<{root}>", text);
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException)
        {
            throw new VirshOutputException($"a readable <{root}>", text);
        }
    }

    /// <summary>Makes sure that a description is one, and hands it on.</summary>
    /// <param name="text">The output.</param>
    /// <param name="root">The root element that it has to have.</param>
    /// <returns>The description.</returns>
    /// <exception cref="VirshOutputException">It is no such XML.</exception>
    public static string Check(string text, string root) => Read(text, root, _ => text);

    /// <summary>Reads the UUID of what a description describes.</summary>
    /// <param name="xml">The description.</param>
    /// <returns>The UUID.</returns>
    /// <exception cref="VirshOutputException">It has none.</exception>
    public static Guid Uuid(XElement xml) => VirshText.Uuid((string?)xml.Element("uuid") ?? throw new VirshOutputException("XML with a UUID", xml.ToString()));
}
