using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>Definitions of what the scene is made of.</summary>
internal static class SceneXml
{
    /// <summary>A VM with nothing in it.</summary>
    /// <param name="uuid">Its UUID.</param>
    /// <param name="name">Its name.</param>
    /// <param name="emulator">The lab's emulator.</param>
    /// <returns>The definition.</returns>
    public static XElement Empty(Guid uuid, string name, string emulator) => new("domain",
        new XAttribute("type", "qemu"),
        new XElement("name", name),
        new XElement("uuid", uuid),
        new XElement("memory", new XAttribute("unit", "MiB"), 16),
        new XElement("vcpu", 1),
        XElement.Parse("<os><type arch='x86_64' machine='pc'>hvm</type></os>"),
        new XElement("devices",
            new XElement("emulator", emulator),
            XElement.Parse("<controller type='usb' model='none'/>"),
            XElement.Parse("<memballoon model='none'/>")));

    /// <summary>A VM with much in its definition.</summary>
    /// <param name="uuid">Its UUID.</param>
    /// <param name="emulator">The lab's emulator.</param>
    /// <returns>The definition.</returns>
    public static XElement Off(Guid uuid, string emulator)
    {
        var domain = Empty(uuid, "seam off", emulator);
        domain.Element("memory")!.ReplaceWith(XElement.Parse("<memory unit='MiB'>300</memory>"), XElement.Parse("<currentMemory unit='MiB'>200</currentMemory>"));
        domain.Element("vcpu")!.ReplaceWith(XElement.Parse("<vcpu current='2'>3</vcpu>"));
        domain.Element("name")!.AddAfterSelf(new XElement("title", "it's \"off\""), new XElement("description", "one line\n  Name:  another\n\n--help"));
        domain.Element("devices")!.Add(
            Disk("disk", "vda", "virtio", $"{SeamScene.Images}/{SeamScene.HostileImage}.qcow2", "qcow2"),
            Disk("disk", "vdb", "virtio", $"{SeamScene.Images}/missing image.raw", "raw"),
            Disk("cdrom", "hda", "ide", source: null, "raw"),
            XElement.Parse("<interface type='network'><source network='isolated'/></interface>"));
        return domain;
    }

    /// <summary>A VM for the moment.</summary>
    /// <param name="uuid">Its UUID.</param>
    /// <param name="emulator">The lab's emulator.</param>
    /// <returns>The definition.</returns>
    public static XElement Transient(Guid uuid, string emulator) => Empty(uuid, "seam transient", emulator);

    /// <summary>A network.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="mtu">Its MTU; null for none.</param>
    /// <returns>The definition.</returns>
    public static XElement Network(string name, int? mtu) => new("network",
        new XElement("name", name),
        new XElement("bridge", new XAttribute("name", "vbr" + name.Length.ToString(CultureInfo.InvariantCulture))),
        mtu is null ? null : new XElement("mtu", new XAttribute("size", mtu)));

    /// <summary>A storage pool.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="folder">Its folder.</param>
    /// <returns>The definition.</returns>
    public static XElement Pool(string name, string folder) => new("pool",
        new XAttribute("type", "dir"), new XElement("name", name), new XElement("target", new XElement("path", folder)));

    /// <summary>A secret.</summary>
    /// <param name="uuid">Its UUID.</param>
    /// <returns>The definition.</returns>
    public static XElement Secret(Guid uuid) => new("secret", new XAttribute("ephemeral", "yes"), new XElement("uuid", uuid));

    private static XElement Disk(string device, string target, string bus, string? source, string format) => new("disk",
        new XAttribute("type", "file"),
        new XAttribute("device", device),
        new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", format)),
        source is null ? null : new XElement("source", new XAttribute("file", source)),
        new XElement("target", new XAttribute("dev", target), new XAttribute("bus", bus)));
}
