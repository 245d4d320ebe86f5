using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A volume of a storage pool.</summary>
/// <param name="Path">Its path on the host.</param>
/// <param name="Pool">The pool's name.</param>
/// <param name="Capacity">The bytes that a guest sees of it.</param>
/// <param name="Allocation">The bytes that it takes in the pool.</param>
public sealed record StorageVolume(string Path, string Pool, long Capacity, long Allocation)
{
    /// <summary>What libvirt knows it by: its path, the UUID of a logical volume, or the serial number of a SCSI device.</summary>
    public string? Key { get; init; }

    /// <summary>The image's format, such as <c>raw</c> or <c>qcow2</c>; null where libvirt gives none.</summary>
    public string? Format { get; init; }

    /// <summary>The length of the file that holds it, in bytes; null where libvirt does not tell.</summary>
    public long? Physical { get; init; }

    /// <summary>The path of the image behind it; null for none.</summary>
    public string? BackingPath { get; init; }

    /// <summary>The size of a qcow2 image's clusters in bytes; null for other formats and where libvirt does not tell.</summary>
    public long? ClusterSize { get; init; }

    /// <summary>Reads a volume (virStorageVolGetXMLDesc).</summary>
    /// <param name="path">The path that it was found by; null for the one that it names itself.</param>
    /// <param name="pool">Its pool's name.</param>
    /// <param name="xml">The volume element.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="FormatException">It does not tell its sizes or its path.</exception>
    internal static StorageVolume Read(string? path, string pool, XElement xml)
    {
        var target = xml.Element("target");
        return new(
            path ?? (string?)target?.Element("path") ?? throw new FormatException("A volume has no path."),
            pool,
            ReadSize(xml, "capacity"),
            ReadSize(xml, "allocation"))
        {
            Key = (string?)xml.Element("key"),
            Format = (string?)target?.Element("format")?.Attribute("type"),
            Physical = xml.Element("physical") is { } physical ? LibvirtXml.ReadBytes(physical) : null,
            BackingPath = (string?)xml.Element("backingStore")?.Element("path"),
            ClusterSize = target?.Element("clusterSize") is { } cluster ? LibvirtXml.ReadBytes(cluster) : null,
        };
    }

    private static long ReadSize(XElement xml, string name) =>
        LibvirtXml.ReadBytes(xml.Element(name) ?? throw new FormatException($"A volume has no {name}."));
}
