namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A domain's processor, where its definition describes one.</summary>
/// <param name="Mode">How it is described: <c>custom</c>, <c>host-model</c>, <c>host-passthrough</c> or <c>maximum</c>.</param>
/// <param name="Model">The model's name; null where the mode says it.</param>
/// <param name="Vendor">The vendor that the host's processor must be of; null for any.</param>
/// <param name="Xml">The cpu element without the vendor, to compare with a host's.</param>
public sealed record DomainCpu(string Mode, string? Model, string? Vendor, string Xml)
{
    /// <summary>How closely libvirt holds the guest to it: <c>none</c>, <c>partial</c> (before QEMU starts) or <c>full</c> (of a running guest).</summary>
    public string Check { get; init; } = "none";

    /// <summary>Whether features that can't migrate are given to the guest as well.</summary>
    public bool IsMigratable { get; init; } = true;

    /// <summary>The features that are set apart from the model's, with the policy of each.</summary>
    public IReadOnlyDictionary<string, string> Features { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Whether the guest sees the host's own processor, or the emulator's best.</summary>
    public bool IsHosts => Mode is "host-passthrough" or "maximum";

    /// <summary>Whether the guest's processor certainly has a feature that is set apart.</summary>
    /// <param name="feature">The feature.</param>
    /// <returns>True when it has.</returns>
    public bool Has(string feature) => Features.GetValueOrDefault(feature) is "require" or "force";
}
