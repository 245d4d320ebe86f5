using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>A disk, CD-ROM drive or floppy drive of a domain.</summary>
/// <param name="Target">What the guest's drive is called in the definition, such as <c>vda</c>.</param>
/// <param name="Device">The kind of drive: <c>disk</c>, <c>lun</c>, <c>cdrom</c> or <c>floppy</c>.</param>
/// <param name="Source">Where its data come from; null for an empty drive.</param>
internal sealed record DomainDisk(string Target, string Device, DiskSource? Source)
{
    /// <summary>The images behind it, as far as the definition names them: those that the guest does not write to.</summary>
    public IReadOnlyList<DiskSource> Backing { get; init; } = [];

    /// <summary>How the host caches it, such as <c>none</c> or <c>writeback</c>; null for the hypervisor's default.</summary>
    public string? Cache { get; init; }

    /// <summary>Whether the guest can't write to it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether several VMs may use it at once.</summary>
    public bool IsShareable { get; init; }

    /// <summary>Whether all that the guest writes is forgotten when it stops.</summary>
    public bool IsTransient { get; init; }

    /// <summary>What libvirt does where its image is missing: <c>mandatory</c>, <c>requisite</c> or <c>optional</c>; null for the first.</summary>
    public string? StartupPolicy { get; init; }

    /// <summary>The UUIDs of the secrets that its data are read with.</summary>
    public IReadOnlyList<Guid> Secrets { get; init; } = [];

    /// <summary>Whether it is a drive whose medium can be taken out.</summary>
    public bool IsRemovable => Device is "cdrom" or "floppy";

    /// <summary>What to call it to people.</summary>
    /// <returns>The target and what lies behind it.</returns>
    public override string ToString() => Source is null ? Target : $"{Target} ({Source.Name})";

    internal static DomainDisk Read(XElement disk)
    {
        var device = disk.Attr("device") ?? "disk";
        return new(disk.Element("target").Attr("dev") ?? string.Empty, device, DiskSource.Read(disk, disk.Element("driver")))
        {
            Backing = [.. disk.Descendants("backingStore").Select(b => DiskSource.Read(b, b.Element("format"))).OfType<DiskSource>()],
            Cache = disk.Element("driver").Attr("cache"),
            IsReadOnly = disk.Element("readonly") is not null || device is "cdrom",
            IsShareable = disk.Element("shareable") is not null,
            IsTransient = disk.Element("transient") is not null,
            StartupPolicy = disk.Element("source").Attr("startupPolicy"),
            Secrets = [.. disk.Descendants("secret").Select(s => Guid.TryParse(s.Attr("uuid"), out var uuid) ? uuid : Guid.Empty)
                .Where(u => u != Guid.Empty).Distinct()],
        };
    }
}

/// <summary>Where the data of a disk, or of an image behind it, come from: a source element of the domain XML.</summary>
/// <param name="Type">The kind of source: <c>file</c>, <c>block</c>, <c>network</c>, <c>volume</c>, <c>nvme</c>, <c>vhostuser</c> or <c>dir</c>.</param>
/// <param name="Path">The path on the host; null where the data have none.</param>
/// <param name="Name">What to call it to people: the path, or the pool and volume, or the protocol and name.</param>
/// <param name="Format">The image's format, such as <c>raw</c> or <c>qcow2</c>; null where none is given.</param>
internal sealed record DiskSource(string Type, string? Path, string Name, string? Format)
{
    /// <summary>The storage pool of a volume; null for other kinds.</summary>
    public string? Pool { get; init; }

    /// <summary>The volume's name within its pool; null for other kinds.</summary>
    public string? Volume { get; init; }

    /// <summary>The hosts that serve a network disk, each with its port where one is given, or the socket; empty for other kinds.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>Whether it is a file or a block device of the host.</summary>
    public bool IsLocalPath => Path is not null && Type is "file" or "block";

    internal static DiskSource? Read(XElement owner, XElement? driver)
    {
        var type = owner.Attr("type") ?? "file";
        var format = driver.Attr("type");
        return owner.Element("source") is { } source ? type switch
        {
            "file" => AtPath(type, source.Attr("file"), format),
            "block" => AtPath(type, source.Attr("dev"), format),
            "dir" => AtPath(type, source.Attr("dir"), format),
            "vhostuser" => AtPath(type, source.Attr("path"), format),
            "network" => new(type, null, $"{source.Attr("protocol")} {source.Attr("name")}".Trim(), format)
            {
                Hosts = [.. source.Elements("host").Select(h => h.Attr("socket") ?? $"{h.Attr("name")}:{h.Attr("port")}".TrimEnd(':'))],
            },
            "nvme" => new(type, null, $"NVMe namespace {source.Attr("namespace")} of {PassedThroughDevice.PciAddress(source.Element("address"))}", format),
            "volume" => new(type, null, $"volume {source.Attr("volume")} of pool {source.Attr("pool")}", format)
            {
                Pool = source.Attr("pool"),
                Volume = source.Attr("volume"),
            },
            _ => new(type, null, type, format),
        } : null;
    }

    private static DiskSource? AtPath(string type, string? path, string? format) =>
        string.IsNullOrEmpty(path) ? null : new(type, path, path, format);
}
