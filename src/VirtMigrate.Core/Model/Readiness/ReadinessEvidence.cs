namespace VirtMigrate.Model;

/// <summary>Something that a check read.</summary>
/// <param name="From">Where: a host's name, or <c>this computer</c>.</param>
/// <param name="What">What was asked, in libvirt's terms: <c>capabilities</c>, <c>domain XML</c>, <c>tcp 49152</c>.</param>
/// <param name="Value">What was read.</param>
public sealed record ReadinessEvidence(string From, string What, string Value)
{
    /// <summary>All in one line.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{From}, {What}: {Value}";
}
