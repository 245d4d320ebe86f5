namespace VirtMigrate.Failures;

/// <summary>The VM is no longer on the host where it was seen.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="host">The host.</param>
public sealed class VmGoneException(string vm, string host)
    : MigrationException($"The VM '{vm}' is not on '{host}' any more.")
{
    /// <summary>The host that had it.</summary>
    public string HostName { get; } = host;
}
