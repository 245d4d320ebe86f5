namespace VirtMigrate.Failures;

/// <summary>Source and destination are one host, or have one name or host UUID, which libvirt takes for the same.</summary>
/// <param name="source">The source.</param>
/// <param name="destination">The destination.</param>
/// <param name="shared">What both have in common.</param>
public sealed class SameHostException(VmHost source, VmHost destination, string shared)
    : MigrationException($"Source and destination are the same host: both have {shared}.")
{
    /// <summary>The source.</summary>
    public VmHost SourceHost { get; } = source;

    /// <summary>The destination.</summary>
    public VmHost DestinationHost { get; } = destination;
}
