namespace VirtMigrate.Failures;

/// <summary>Nothing tells how fast memory gets from one host to the other: it was not given, no migration has shown it, and a host does not tell its link's speed.</summary>
/// <param name="source">The source's name.</param>
/// <param name="destination">The destination's name.</param>
public sealed class BandwidthUnknownException(string source, string destination)
    : MigrationException($"How fast memory gets from '{source}' to '{destination}' is not known: no migration between them has been seen, and they do not both tell the speed of their links.");
