namespace VirtMigrate.Failures;

/// <summary>No destination was named and none follows from the environment or the connected hosts.</summary>
/// <param name="reason">What was looked at.</param>
public sealed class DestinationUnknownException(string reason)
    : MigrationException($"There is no destination: {reason}");
