namespace VirtMigrate.Hypervisor;

/// <summary>The hypervisor's client library is not on this machine, or cannot be loaded.</summary>
/// <param name="library">The library's file name.</param>
/// <param name="innerException">What the loader said.</param>
public sealed class HypervisorLibraryException(string library, Exception innerException)
    : HypervisorException($"The library {library} could not be loaded.", innerException)
{
    /// <summary>The library's file name.</summary>
    public string Library { get; } = library;
}
