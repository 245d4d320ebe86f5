namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>What a host says of a guest's processor.</summary>
/// <param name="Result">The verdict.</param>
/// <param name="Message">Libvirt's words for what is missing; null where nothing is.</param>
public sealed record CpuComparison(CpuComparisonResult Result, string? Message)
{
    private const string Missing = "required features:";

    /// <summary>The names of the features that the host lacks, as far as libvirt names them.</summary>
    public IReadOnlyList<string> MissingFeatures => Message?.IndexOf(Missing, StringComparison.Ordinal) is >= 0 and var at
        ? Message[(at + Missing.Length)..].Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        : [];
}
