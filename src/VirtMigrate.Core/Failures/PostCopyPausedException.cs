namespace VirtMigrate.Failures;

/// <summary>What was asked would lose the VM, since its post-copy broke and each host holds a half of it.</summary>
/// <param name="vm">The VM's name.</param>
public sealed class PostCopyPausedException(string vm)
    : MigrationException($"The post-copy of VM '{vm}' broke: each host holds a half of it, and neither may be touched.");
