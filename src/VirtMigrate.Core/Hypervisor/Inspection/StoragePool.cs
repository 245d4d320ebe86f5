using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A storage pool of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, such as <c>dir</c>, <c>netfs</c>, <c>logical</c> or <c>rbd</c>.</param>
/// <param name="IsActive">Whether it is started; only then are its volumes known.</param>
/// <param name="TargetPath">The directory that its volumes are in; null where it has none.</param>
/// <param name="Source">Where a shared pool's content comes from, such as <c>nas:/export/vms</c>; null for a local one.</param>
/// <param name="Available">The bytes that new volumes can take.</param>
public sealed record StoragePool(string Name, string Type, bool IsActive, string? TargetPath, string? Source, long Available)
{
    /// <summary>Reads a pool (virStoragePoolGetXMLDesc).</summary>
    /// <param name="xml">The pool element.</param>
    /// <param name="isActive">Whether it is started.</param>
    /// <returns>The pool.</returns>
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
