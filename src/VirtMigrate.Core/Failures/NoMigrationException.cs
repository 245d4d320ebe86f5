namespace VirtMigrate.Failures;

/// <summary>The VM is not being migrated.</summary>
/// <param name="vm">The VM's name.</param>
public sealed class NoMigrationException(string vm) : MigrationException($"The VM '{vm}' is not being migrated.");
