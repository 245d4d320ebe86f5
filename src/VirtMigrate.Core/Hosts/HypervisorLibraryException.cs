namespace VirtMigrate.Hosts;

/// <summary>The hypervisor's client library is not on this machine, or cannot be loaded.</summary>
/// <param name="library">The library's file name.</param>
/// <param name="innerException">What the loader said.</param>
/// <param name="more">What was looked for in vain besides, as the end of a sentence; null for nothing.</param>
public sealed class HypervisorLibraryException(string library, Exception innerException, string? more = null)
    : HypervisorException($"The library {library} could not be loaded{(more is null ? string.Empty : ", " + more)}.", innerException)
{
    /// <summary>The library's file name.</summary>
    public string Library { get; } = library;
}
