namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A host's processor, as its capabilities describe it.</summary>
/// <param name="Model">The nearest model that libvirt has a name for, such as <c>Skylake-Server-IBRS</c>.</param>
/// <param name="Vendor">The vendor, such as <c>Intel</c>.</param>
/// <param name="Microcode">The version of its microcode; null where the host does not tell.</param>
/// <param name="Features">What it has beside the model's features.</param>
public sealed record HostProcessor(string? Model, string? Vendor, string? Microcode, IReadOnlySet<string> Features)
{
    /// <summary>Whether another processor is of the same vendor and model.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>True when it is.</returns>
    public bool IsModelOf(HostProcessor other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return string.Equals(Model, other.Model, StringComparison.Ordinal) && string.Equals(Vendor, other.Vendor, StringComparison.Ordinal);
    }

    /// <summary>Vendor, model and microcode.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() =>
        $"{Vendor ?? "unknown vendor"}, {Model ?? "unknown model"}, microcode {Microcode ?? "unknown"}";
}
