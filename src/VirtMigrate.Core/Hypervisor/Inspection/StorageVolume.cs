using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A volume of a storage pool.</summary>
/// <param name="Path">Its path on the host.</param>
/// <param name="Pool">The pool's name.</param>
/// <param name="Capacity">The bytes that a guest sees of it.</param>
/// <param name="Allocation">The bytes that it takes in the pool.</param>
public sealed record StorageVolume(string Path, string Pool, long Capacity, long Allocation)
{
    /// <summary>Reads a volume (virStorageVolGetXMLDesc).</summary>
    /// <param name="path">The path that it was found by.</param>
    /// <param name="pool">Its pool's name.</param>
    /// <param name="xml">The volume element.</param>
    /// <returns>The volume.</returns>
    /// <exception cref="FormatException">It does not tell its sizes.</exception>
    internal static StorageVolume Read(string path, string pool, XElement xml) =>
        new(path, pool, ReadSize(xml, "capacity"), ReadSize(xml, "allocation"));

    private static long ReadSize(XElement xml, string name) =>
        LibvirtXml.ReadBytes(xml.Element(name) ?? throw new FormatException($"A volume has no {name}."));
}
