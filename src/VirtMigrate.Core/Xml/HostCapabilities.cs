using System.Globalization;
using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>A host's capabilities, as virConnectGetCapabilities gives them.</summary>
internal sealed class HostCapabilities
{
    private readonly XElement _root;

    /// <summary>Reads capabilities.</summary>
    /// <param name="xml">The XML.</param>
    /// <exception cref="System.Xml.XmlException">It is no XML.</exception>
    public HostCapabilities(string xml) => _root = LibvirtXml.Parse(xml);

    /// <summary>The host's UUID; null where it has none.</summary>
    public Guid? HostUuid => Guid.TryParse(_root.Element("host")?.Element("uuid")?.Value, out var uuid) ? uuid : null;

    /// <summary>The host's processor; null where libvirt does not know it.</summary>
    public HostProcessor? Processor => CpuElement is { } cpu && cpu.Element("model") is { } model
        ? new(
            model.Value,
            (string?)cpu.Element("vendor"),
            cpu.Element("microcode").Attr("version"),
            cpu.Elements("feature").Select(f => f.Attr("name")).OfType<string>().ToHashSet(StringComparer.Ordinal))
        : null;

    /// <summary>The host's time stamp counter; null where the host does not tell.</summary>
    public TscCounter? Tsc => CpuElement?.Elements("counter").FirstOrDefault(c => c.Attr("name") is "tsc") is { } counter
        && LibvirtXml.ToNumber(counter.Attr("frequency")) is { } frequency
            ? new(frequency, counter.Attr("scaling") switch { "yes" => true, "no" => false, _ => null })
            : null;

    /// <summary>The numbers of the host's logical processors; empty where the host does not list them.</summary>
    public IReadOnlySet<int> CpuNumbers => Cells.Elements("cpus").Elements("cpu").Select(c => NumberSet.ToNumber(c.Attr("id"))).OfType<int>().ToHashSet();

    /// <summary>The numbers of the host's NUMA cells; empty where the host does not list them.</summary>
    public IReadOnlySet<int> CellNumbers => Cells.Select(c => NumberSet.ToNumber(c.Attr("id"))).OfType<int>().ToHashSet();

    /// <summary>The number of NUMA cells, at least 1.</summary>
    public int CellCount => Math.Max(1, Cells.Count());

    /// <summary>The sizes in bytes of the memory pages that the host can give.</summary>
    public IReadOnlyList<long> PageSizes => [.. (CpuElement?.Elements("pages") ?? []).Select(PageSize).OfType<long>()];

    /// <summary>How many bytes the host has reserved for memory pages of each size, by the size in bytes.</summary>
    public IReadOnlyDictionary<long, long> ReservedPages => Cells.Elements("pages")
        .Select(p => (Size: PageSize(p), Count: LibvirtXml.ToNumber(p.Value.Trim()) ?? 0))
        .Where(p => p.Size is not null)
        .GroupBy(p => p.Size!.Value)
        .ToDictionary(p => p.Key, p => p.Sum(c => c.Count) * p.Key);

    /// <summary>What the host offers to guests of each architecture.</summary>
    public IReadOnlyList<GuestSupport> Guests =>
    [
        .. _root.Elements("guest").Elements("arch")
            .GroupBy(a => a.Attr("name") ?? string.Empty, StringComparer.Ordinal)
            .Select(a => new GuestSupport(
                a.Key,
                [.. a.Descendants("emulator").Select(e => e.Value).Distinct(StringComparer.Ordinal)],
                a.Descendants("machine").SelectMany(MachineNames).ToHashSet(StringComparer.Ordinal),
                a.Elements("domain").Select(d => d.Attr("type")).OfType<string>().ToHashSet(StringComparer.Ordinal))),
    ];

    /// <summary>What the host offers to guests of one architecture.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <returns>The offer; null where there is none.</returns>
    public GuestSupport? FindGuest(string architecture) =>
        Guests.FirstOrDefault(g => string.Equals(g.Architecture, architecture, StringComparison.Ordinal));

    private XElement? CpuElement => _root.Element("host")?.Element("cpu");

    private IEnumerable<XElement> Cells => _root.Element("host")?.Element("topology")?.Element("cells")?.Elements("cell") ?? [];

    private static long? PageSize(XElement pages) =>
        LibvirtXml.ToNumber(pages.Attr("size")) is { } size ? LibvirtXml.Scale(size, pages.Attr("unit")) : null;

    // A name such as q35 carries the one that it stands for.
    private static IEnumerable<string> MachineNames(XElement machine) =>
        machine.Attr("canonical") is { } canonical ? [machine.Value, canonical] : [machine.Value];
}

/// <summary>What a host offers to guests of one architecture, as its capabilities list it for the emulators in their usual places.</summary>
/// <param name="Architecture">The architecture, such as <c>x86_64</c>.</param>
/// <param name="Emulators">The emulators' paths.</param>
/// <param name="Machines">The machine types by all of their names, such as <c>q35</c> and <c>pc-q35-7.2</c>.</param>
/// <param name="DomainTypes">The types of domain: <c>qemu</c>, and <c>kvm</c> where the host has it.</param>
internal sealed record GuestSupport(
    string Architecture, IReadOnlyList<string> Emulators, IReadOnlySet<string> Machines, IReadOnlySet<string> DomainTypes);

/// <summary>A host's processor, as its capabilities describe it.</summary>
/// <param name="Model">The nearest model that libvirt has a name for, such as <c>Skylake-Server-IBRS</c>.</param>
/// <param name="Vendor">The vendor, such as <c>Intel</c>.</param>
/// <param name="Microcode">The version of its microcode; null where the host does not tell.</param>
/// <param name="Features">What it has beside the model's features.</param>
internal sealed record HostProcessor(string? Model, string? Vendor, string? Microcode, IReadOnlySet<string> Features)
{
    /// <summary>Whether another processor is of the same vendor and model.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>True when it is.</returns>
    public bool IsModelOf(HostProcessor other) =>
        string.Equals(Model, other.Model, StringComparison.Ordinal) && string.Equals(Vendor, other.Vendor, StringComparison.Ordinal);

    /// <summary>Vendor, model and microcode.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() =>
        $"{Vendor ?? "unknown vendor"}, {Model ?? "unknown model"}, microcode {Microcode ?? "unknown"}";
}

/// <summary>A host's time stamp counter.</summary>
/// <param name="Frequency">Its frequency in hertz.</param>
/// <param name="CanScale">Whether the processor can give a guest another frequency; null where that is not known.</param>
internal sealed record TscCounter(long Frequency, bool? CanScale)
{
    // Libvirt's and the kernel's tolerance: 250 parts in a million.
    private const long Tolerance = 250;

    /// <summary>Whether libvirt lets a guest with a frequency begin here.</summary>
    /// <param name="frequency">The guest's frequency in hertz.</param>
    /// <returns>False where libvirt refuses it.</returns>
    public bool Allows(long frequency) =>
        CanScale is not false || Math.Abs(frequency - Frequency) <= Frequency * Tolerance / 1_000_000;

    /// <summary>Frequency and whether it can be another for a guest.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Frequency} Hz, {CanScale switch { true => "scales", false => "does not scale", _ => "scaling unknown" }}");
}

/// <summary>The free memory pages of one size in one NUMA cell.</summary>
/// <param name="Cell">The cell's number, from 0.</param>
/// <param name="Size">A page's size in bytes.</param>
/// <param name="Count">How many are free.</param>
internal sealed record FreePages(int Cell, long Size, long Count);

/// <summary>What guests of one kind can have on a host, as virConnectGetDomainCapabilities gives it.</summary>
internal sealed class DomainCapabilities
{
    private readonly XElement _root;

    /// <summary>Reads domain capabilities.</summary>
    /// <param name="xml">The XML.</param>
    /// <exception cref="System.Xml.XmlException">It is no XML.</exception>
    public DomainCapabilities(string xml) => _root = LibvirtXml.Parse(xml);

    /// <summary>The machine type that the request came to, such as <c>pc-q35-7.2</c> for <c>q35</c>.</summary>
    public string? Machine => (string?)_root.Element("machine");

    /// <summary>The emulator that was looked at.</summary>
    public string? Emulator => (string?)_root.Element("path");

    /// <summary>The UEFI images that libvirt knows of and that are there.</summary>
    public IReadOnlySet<string> Loaders =>
        _root.Elements("os").Elements("loader").Elements("value").Select(v => v.Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>Whether the host has firmware with secure boot.</summary>
    public bool HasSecureBoot => _root.Elements("os").Elements("loader").Elements("enum")
        .Where(e => e.Attr("name") is "secure").Elements("value").Any(v => v.Value is "yes");

    /// <summary>What can be behind a guest's TPM, such as <c>emulator</c>; null where the host does not tell.</summary>
    public IReadOnlyList<string>? TpmBackends => _root.Element("devices")?.Element("tpm") is not { } tpm ? null
        : tpm.Attr("supported") is "no" ? []
        : [.. tpm.Elements("enum").Where(e => e.Attr("name") is "backendModel").SelectMany(e => e.Elements("value")).Select(v => v.Value)];
}

/// <summary>A kind of guest: what libvirt needs to know to tell what such guests can have on a host.</summary>
/// <param name="Emulator">The emulator's path; null for the host's own for this architecture.</param>
/// <param name="Architecture">The guest's architecture, such as <c>x86_64</c>.</param>
/// <param name="Machine">The machine type, such as <c>pc-q35-7.2</c>; null for the host's default.</param>
/// <param name="DomainType">The type of domain: <c>kvm</c>, or <c>qemu</c> for software emulation.</param>
internal sealed record GuestKind(string? Emulator, string Architecture, string? Machine, string DomainType);
