using System.Xml;
using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>A domain's XML, read for what a migration needs of it.</summary>
internal sealed class DomainDefinition
{
    private readonly XElement _domain;

    /// <summary>Reads a definition.</summary>
    /// <param name="xml">The XML, as virDomainGetXMLDesc gives it.</param>
    /// <exception cref="XmlException">It is no XML.</exception>
    public DomainDefinition(string xml) => _domain = LibvirtXml.Parse(xml);

    /// <summary>The domain's name.</summary>
    public string Name => (string?)_domain.Element("name") ?? string.Empty;

    /// <summary>The domain's UUID; empty where it has none yet.</summary>
    public Guid Uuid => Guid.TryParse((string?)_domain.Element("uuid"), out var uuid) ? uuid : Guid.Empty;

    /// <summary>The type of domain: <c>kvm</c>, or <c>qemu</c> for software emulation.</summary>
    public string DomainType => _domain.Attr("type") ?? string.Empty;

    /// <summary>The kind of guest that this is.</summary>
    public GuestKind Kind => new(
        (string?)_domain.Element("devices")?.Element("emulator"),
        _domain.Element("os")?.Element("type").Attr("arch") ?? string.Empty,
        _domain.Element("os")?.Element("type").Attr("machine"),
        DomainType);

    /// <summary>The firmware; null for the emulator's own BIOS.</summary>
    public DomainFirmware? Firmware => DomainFirmware.Read(_domain.Element("os"));

    /// <summary>The processor; null where the definition leaves it to the hypervisor.</summary>
    public DomainCpu? Cpu => DomainCpu.Read(_domain.Element("cpu"));

    /// <summary>The frequency in hertz that the guest's time stamp counter is held to; null for the host's.</summary>
    public long? TscFrequency => _domain.Elements("clock").Elements("timer").Where(t => t.Attr("name") is "tsc")
        .Select(t => LibvirtXml.ToNumber(t.Attr("frequency"))).FirstOrDefault(f => f > 0);

    /// <summary>Which host processors the threads of the domain are bound to.</summary>
    public IReadOnlyList<DomainBinding> CpuBindings =>
    [
        .. Bindings(_domain.Elements("vcpu"), "cpuset", _ => "all vCPUs"),
        .. Bindings(_domain.Elements("cputune").Elements("vcpupin"), "cpuset", p => $"vCPU {p.Attr("vcpu")}"),
        .. Bindings(_domain.Elements("cputune").Elements("emulatorpin"), "cpuset", _ => "the emulator's threads"),
        .. Bindings(_domain.Elements("cputune").Elements("iothreadpin"), "cpuset", p => $"I/O thread {p.Attr("iothread")}"),
    ];

    /// <summary>Which host NUMA cells the memory of the domain is bound to.</summary>
    public IReadOnlyList<DomainBinding> MemoryBindings =>
    [
        .. Bindings(_domain.Elements("numatune").Elements("memory"), "nodeset", m => $"memory ({m.Attr("mode") ?? "strict"})"),
        .. Bindings(_domain.Elements("numatune").Elements("memnode"), "nodeset",
            m => $"memory of guest cell {m.Attr("cellid")} ({m.Attr("mode") ?? "strict"})"),
    ];

    /// <summary>All memory that the domain begins with, in bytes.</summary>
    public long MemorySize => _domain.Element("memory") is { } memory ? Bytes(memory.Value.Trim(), memory) : 0;

    /// <summary>Whether huge pages of the host hold the memory.</summary>
    public bool UsesHugePages => HugePagesElement is not null;

    /// <summary>
    /// How much memory lies on huge pages of which size, in bytes; a size of null stands for the host's own. Memory whose cells the
    /// definition gives to no size is counted with the size that is for all.
    /// </summary>
    public IReadOnlyList<(long? Size, long Bytes)> HugePages
    {
        get
        {
            if (HugePagesElement is not { } element)
            {
                return [];
            }

            var pages = element.Elements("page").ToArray();
            var cells = _domain.Elements("cpu").Elements("numa").Elements("cell").ToArray();
            var some = pages.Where(p => p.Attribute("nodeset") is not null)
                .Select(p => (Size: PageSize(p), Bytes: cells.Where(c => IsIn(c, p)).Sum(c => Bytes(c.Attr("memory"), c)))).ToArray();
            var rest = MemorySize - some.Sum(s => s.Bytes);
            return pages.FirstOrDefault(p => p.Attribute("nodeset") is null) is { } all
                ? [.. some, (PageSize(all), rest)]
                : pages.Length == 0 ? [(null, MemorySize)] : [.. some];
        }
    }

    /// <summary>The disks that hold data, with what lies behind each: no CD-ROMs, no floppies.</summary>
    public IReadOnlyList<(string Target, string Source)> Disks =>
    [
        .. Devices("disk").Where(d => d.Attr("device") is null or "disk" or "lun")
            .Select(d => (d.Element("target").Attr("dev") ?? string.Empty, Source(d.Element("source"))))
            .Where(d => d.Item1.Length > 0),
    ];

    /// <summary>All drives: disks, CD-ROMs and floppies, empty ones too.</summary>
    public IReadOnlyList<DomainDisk> Drives => [.. Devices("disk").Select(DomainDisk.Read)];

    /// <summary>
    /// Every path of the host that it names, as what and in whichever element it may be: images and those behind them, CD-ROMs, firmware and its
    /// variables, kernels, devices, and what is handed to QEMU as it is (qemu:commandline).
    /// </summary>
    public IReadOnlySet<string> NamedPaths => _domain.DescendantsAndSelf()
        .SelectMany(e => e.Attributes().Select(a => a.Value).Append(e.HasElements ? string.Empty : e.Value.Trim()))
        .SelectMany(v => v.StartsWith('/') ? [v] : v.Split([',', '=']).Where(w => w.StartsWith('/'))).ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// The network cards, in the definition's order. Of a running guest libvirt shows what a virtual network came to, such as a bridge;
    /// it starts the guest elsewhere by the network's name all the same.
    /// </summary>
    public IReadOnlyList<GuestInterface> Interfaces => [.. Devices("interface").Select(GuestInterface.Read)];

    /// <summary>The host's vDPA devices that the guest's network cards are.</summary>
    public IReadOnlyList<string> VdpaDevices =>
        [.. Devices("interface").Where(i => i.Attr("type") is "vdpa").Select(i => i.Element("source").Attr("dev") ?? string.Empty)];

    /// <summary>The hardware addresses of the network cards that go out through a process of the hypervisor's user, without passt.</summary>
    public IReadOnlyList<string> UserInterfaces =>
    [
        .. Devices("interface").Where(i => i.Attr("type") is "user" && i.Element("backend").Attr("type") is null)
            .Select(i => i.Element("mac").Attr("address") ?? string.Empty),
    ];

    /// <summary>The host's devices that the guest has for itself.</summary>
    public IReadOnlyList<PassedThroughDevice> PassedThroughDevices =>
        [.. Devices("hostdev").Concat(Devices("interface").Where(i => i.Attr("type") is "hostdev")).Select(PassedThroughDevice.Read)];

    /// <summary>Whether the guest has an IOMMU of its own.</summary>
    public bool HasIommu => Devices("iommu").Any();

    /// <summary>The host's directories that the guest sees.</summary>
    public IReadOnlyList<SharedDirectory> SharedDirectories => [.. Devices("filesystem").Select(SharedDirectory.Read)];

    /// <summary>The memory that the guest shares with others on its host.</summary>
    public IReadOnlyList<SharedMemoryDevice> SharedMemory => [.. Devices("shmem").Select(SharedMemoryDevice.Read)];

    /// <summary>How many memory modules there are (model='dimm').</summary>
    public int DimmCount => Dimms.Count();

    /// <summary>How many memory modules have no slot and address (address type='dimm').</summary>
    public int UnplacedDimmCount => Dimms.Count(m => m.Element("address").Attr("type") is not "dimm");

    /// <summary>The guest's TPM; null where it has none.</summary>
    public TpmDevice? Tpm => Devices("tpm").FirstOrDefault() is { } tpm ? TpmDevice.Read(tpm) : null;

    /// <summary>Where the guest's screens are served.</summary>
    public IReadOnlyList<GraphicsListener> GraphicsListeners =>
        [.. Devices("graphics").Where(g => g.Attr("type") is "vnc" or "spice").SelectMany(GraphicsListener.ReadAll)];

    /// <summary>What of the host's file system is at the other end of the guest's serial lines, channels and random number generators.</summary>
    public IReadOnlyList<HostEndpoint> HostEndpoints =>
    [
        .. _domain.Elements("devices").Elements()
            .Where(e => e.Name.LocalName is "serial" or "parallel" or "channel" or "console" or "smartcard" or "redirdev")
            .Where(e => !(e.Name.LocalName is "console" && e.Element("target").Attr("type") is null or "serial"))
            .Select(HostEndpoint.ReadCharacterDevice).OfType<HostEndpoint>(),
        .. Devices("rng").Select(r => r.Element("backend")).Where(b => b.Attr("model") is "random" && b!.Value.Trim().Length > 0)
            .Select(b => new HostEndpoint("the random number generator", b!.Value.Trim(), IsMade: false)),
    ];

    private XElement? HugePagesElement => _domain.Element("memoryBacking")?.Element("hugepages");

    private IEnumerable<XElement> Dimms => Devices("memory").Where(m => m.Attr("model") is "dimm");

    private IEnumerable<XElement> Devices(string name) => _domain.Elements("devices").Elements(name);

    private static string Source(XElement? source) =>
        source?.Attributes().FirstOrDefault(a => a.Name.LocalName is "file" or "dev" or "name" or "volume" or "dir")?.Value ?? string.Empty;

    private static bool IsIn(XElement cell, XElement page) =>
        NumberSet.ToNumber(cell.Attr("id")) is { } id && NumberSet.Parse(page.Attr("nodeset")).Contains(id);

    private static long PageSize(XElement page) => Bytes(page.Attr("size"), page);

    private static long Bytes(string? number, XElement unit) => LibvirtXml.ToNumber(number) is { } size ? LibvirtXml.Scale(size, unit.Attr("unit")) : 0;

    private static IEnumerable<DomainBinding> Bindings(IEnumerable<XElement> elements, string attribute, Func<XElement, string> name) =>
        elements.Where(e => e.Attribute(attribute) is not null)
            .Select(e => new DomainBinding(name(e), e.Attr(attribute)!, NumberSet.Parse(e.Attr(attribute))));
}

/// <summary>The firmware that a domain boots with, where its definition names one.</summary>
/// <param name="Loader">The image's path; null where libvirt is to choose one.</param>
/// <param name="IsFlash">Whether it is a flash image (UEFI) and not a ROM.</param>
/// <param name="IsSecure">Whether it is to enforce secure boot.</param>
/// <param name="Variables">The path of the guest's own variables (NVRAM); null where there are none.</param>
/// <param name="Template">What its variables begin as; null where the definition names nothing.</param>
internal sealed record DomainFirmware(string? Loader, bool IsFlash, bool IsSecure, string? Variables, string? Template)
{
    internal static DomainFirmware? Read(XElement? os)
    {
        var loader = os?.Element("loader");
        var variables = os?.Element("nvram");
        return loader is null && variables is null && os.Attr("firmware") is not "efi"
            ? null
            : new(
                string.IsNullOrWhiteSpace(loader?.Value) ? null : loader.Value.Trim(),
                loader.Attr("type") is not "rom",
                loader.Attr("secure") is "yes",
                string.IsNullOrWhiteSpace(variables?.Value) ? variables?.Element("source").Attr("file") : variables.Value.Trim(),
                variables.Attr("template"));
    }
}
