using System.Xml.Linq;

namespace VirtMigrate.Xml;

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
