using System.Xml.Linq;

namespace VirtMigrate.Xml;

/// <summary>A domain's processor, where its definition describes one.</summary>
/// <param name="Mode">How it is described: <c>custom</c>, <c>host-model</c>, <c>host-passthrough</c> or <c>maximum</c>.</param>
/// <param name="Model">The model's name; null where the mode says it.</param>
/// <param name="Vendor">The vendor that the host's processor must be of; null for any.</param>
/// <param name="Xml">The cpu element without the vendor, to compare with a host's.</param>
internal sealed record DomainCpu(string Mode, string? Model, string? Vendor, string Xml)
{
    /// <summary>How closely libvirt holds the guest to it: <c>none</c>, <c>partial</c> (before QEMU starts) or <c>full</c> (of a running guest).</summary>
    public string Check { get; init; } = "none";

    /// <summary>Whether features that can't migrate are left out of the guest's processor.</summary>
    public bool IsMigratable { get; init; } = true;

    /// <summary>The features that are set apart from the model's, with the policy of each.</summary>
    public IReadOnlyDictionary<string, string> Features { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the guest sees the host's own processor, or the emulator's best.</summary>
    public bool IsHosts => Mode is "host-passthrough" or "maximum";

    /// <summary>Whether the guest's processor certainly has a feature that is set apart.</summary>
    /// <param name="feature">The feature.</param>
    /// <returns>True when it has.</returns>
    public bool Has(string feature) => Features.GetValueOrDefault(feature) is "require" or "force";

    internal static DomainCpu? Read(XElement? cpu)
    {
        var mode = cpu.Attr("mode") ?? "custom";
        var model = (string?)cpu?.Element("model");
        if (cpu is null || (mode is "custom" && model is null))
        {
            return null;
        }

        return new(mode, model, (string?)cpu.Element("vendor"), WithoutVendor(cpu))
        {
            Check = cpu.Attr("check") ?? "none",
            IsMigratable = cpu.Attr("migratable") is not "off",
            Features = cpu.Elements("feature")
                .GroupBy(f => f.Attr("name") ?? string.Empty, f => f.Attr("policy") ?? "require", StringComparer.Ordinal)
                .ToDictionary(f => f.Key, f => f.Last(), StringComparer.Ordinal),
        };
    }

    // Which vendor's name the host bears is no reason for QEMU to refuse the guest.
    private static string WithoutVendor(XElement cpu)
    {
        var copy = new XElement(cpu);
        copy.Elements("vendor").Remove();
        return copy.ToString(SaveOptions.DisableFormatting);
    }
}

/// <summary>Something of a domain that is bound to some of the host's processors or NUMA cells.</summary>
/// <param name="Name">What is bound, for people.</param>
/// <param name="Text">To what, as the definition writes it.</param>
/// <param name="Numbers">The numbers of the processors or cells.</param>
internal sealed record DomainBinding(string Name, string Text, IReadOnlySet<int> Numbers);

/// <summary>What a host says of a guest's processor.</summary>
/// <param name="Result">The verdict.</param>
/// <param name="Message">Libvirt's words for what is missing; null where nothing is.</param>
internal sealed record CpuComparison(CpuComparisonResult Result, string? Message)
{
    private const string Missing = "required features:";

    /// <summary>The names of the features that the host lacks, as far as libvirt names them.</summary>
    public IReadOnlyList<string> MissingFeatures => Message?.IndexOf(Missing, StringComparison.Ordinal) is >= 0 and var at
        ? Message[(at + Missing.Length)..].Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : [];
}

/// <summary>How a guest's processor compares with a host's, with libvirt's numbers (virCPUCompareResult).</summary>
internal enum CpuComparisonResult
{
    /// <summary>The host lacks something that the guest's processor has.</summary>
    Incompatible = 0,

    /// <summary>They are the same.</summary>
    Identical = 1,

    /// <summary>The host has all that the guest's processor has, and more.</summary>
    Superset = 2,
}
