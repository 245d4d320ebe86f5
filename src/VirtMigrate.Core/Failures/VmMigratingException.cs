namespace VirtMigrate.Failures;

/// <summary>The VM is already on its way.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="host">The host that it leaves.</param>
public sealed class VmMigratingException(string vm, string host)
    : MigrationException($"The VM '{vm}' is already being migrated from '{host}'.")
{
    /// <summary>The host that the VM leaves.</summary>
    public string SourceName { get; } = host;
}
