using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <content>Its drives.</content>
public sealed partial class DomainDefinition
{
    /// <summary>All drives: disks, CD-ROMs and floppies, empty ones too.</summary>
    public IReadOnlyList<DomainDisk> Drives => [.. _domain.Elements("devices").Elements("disk").Select(ReadDrive)];

    /// <summary>
    /// Every path of the host that it names, as what and in whichever element it may be: images and those behind them, CD-ROMs, firmware and its
    /// variables, kernels, devices, and what is handed to QEMU as it is (qemu:commandline).
    /// </summary>
    public IReadOnlySet<string> NamedPaths => _domain.DescendantsAndSelf()
        .SelectMany(e => e.Attributes().Select(a => a.Value).Append(e.HasElements ? string.Empty : e.Value.Trim()))
        .SelectMany(v => v.StartsWith('/') ? [v] : v.Split([',', '=']).Where(w => w.StartsWith('/'))).ToHashSet(StringComparer.Ordinal);

    private static DomainDisk ReadDrive(XElement disk)
    {
        var device = (string?)disk.Attribute("device") ?? "disk";
        return new((string?)disk.Element("target")?.Attribute("dev") ?? string.Empty, device, ReadSource(disk, disk.Element("driver")))
        {
            Backing = [.. disk.Descendants("backingStore").Select(b => ReadSource(b, b.Element("format"))).OfType<DiskSource>()],
            Cache = (string?)disk.Element("driver")?.Attribute("cache"),
            IsReadOnly = disk.Element("readonly") is not null || device is "cdrom",
            IsShareable = disk.Element("shareable") is not null,
            IsTransient = disk.Element("transient") is not null,
            StartupPolicy = (string?)disk.Element("source")?.Attribute("startupPolicy"),
            Secrets = [.. disk.Descendants("secret").Select(s => Guid.TryParse((string?)s.Attribute("uuid"), out var uuid) ? uuid : Guid.Empty)
                .Where(u => u != Guid.Empty).Distinct()],
        };
    }

    private static DiskSource? ReadSource(XElement owner, XElement? driver)
    {
        var type = (string?)owner.Attribute("type") ?? "file";
        var format = (string?)driver?.Attribute("type");
        return owner.Element("source") is { } source ? type switch
        {
            "file" => AtPath(type, (string?)source.Attribute("file"), format),
            "block" => AtPath(type, (string?)source.Attribute("dev"), format),
            "dir" => AtPath(type, (string?)source.Attribute("dir"), format),
            "vhostuser" => AtPath(type, (string?)source.Attribute("path"), format),
            "network" => new(type, null, $"{(string?)source.Attribute("protocol")} {(string?)source.Attribute("name")}".Trim(), format)
            {
                Hosts = [.. source.Elements("host").Select(h =>
                    (string?)h.Attribute("socket") ?? $"{(string?)h.Attribute("name")}:{(string?)h.Attribute("port")}".TrimEnd(':'))],
            },
            "nvme" => new(type, null, $"NVMe namespace {(string?)source.Attribute("namespace")} of {PciAddress(source.Element("address"))}", format),
            "volume" => new(type, null, $"volume {(string?)source.Attribute("volume")} of pool {(string?)source.Attribute("pool")}", format)
            {
                Pool = (string?)source.Attribute("pool"),
                Volume = (string?)source.Attribute("volume"),
            },
            _ => new(type, null, type, format),
        } : null;
    }

    private static DiskSource? AtPath(string type, string? path, string? format) =>
        string.IsNullOrEmpty(path) ? null : new(type, path, path, format);
}
