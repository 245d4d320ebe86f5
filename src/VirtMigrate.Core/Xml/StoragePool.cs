using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>A storage pool of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, such as <c>dir</c>, <c>netfs</c>, <c>logical</c> or <c>rbd</c>.</param>
/// <param name="IsActive">Whether it is started; only then are its volumes known.</param>
/// <param name="TargetPath">The directory that its volumes are in; null where it has none.</param>
/// <param name="Source">Where a shared pool's content comes from, such as <c>nas:/export/vms</c>; null for a local one.</param>
/// <param name="Available">The bytes that new volumes can take.</param>
internal sealed record StoragePool(string Name, string Type, bool IsActive, string? TargetPath, string? Source, long Available)
{
    /// <summary>Reads a pool (virStoragePoolGetXMLDesc).</summary>
    internal static StoragePool Read(XElement xml, bool isActive) => new(
        (string?)xml.Element("name") ?? string.Empty,
        (string?)xml.Attribute("type") ?? string.Empty,
        isActive,
        (string?)xml.Element("target")?.Element("path"),
        ReadSource(xml.Element("source")),
        isActive && xml.Element("available") is { } available ? LibvirtXml.ReadBytes(available) : 0);

    private static string? ReadSource(XElement? source)
    {
        string[] hosts = [.. (source?.Elements("host") ?? []).Select(h => (string?)h.Attribute("name")).OfType<string>()];
        if (hosts.Length == 0)
        {
            return null;
        }

        string?[] parts =
        [
            string.Join(',', hosts),
            (string?)source!.Element("name"),
            (string?)source.Element("dir")?.Attribute("path") ?? (string?)source.Element("device")?.Attribute("path"),
        ];
        return string.Join(':', parts.Where(p => !string.IsNullOrEmpty(p)));
    }
}

/// <summary>A volume of a storage pool.</summary>
/// <param name="Path">Its path on the host.</param>
/// <param name="Pool">The pool's name.</param>
/// <param name="Capacity">The bytes that a guest sees of it.</param>
/// <param name="Allocation">The bytes that it takes in the pool.</param>
internal sealed record StorageVolume(string Path, string Pool, long Capacity, long Allocation)
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

    /// <summary>Reads a volume (virStorageVolGetXMLDesc); without a path that it was found by, it names its own.</summary>
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
