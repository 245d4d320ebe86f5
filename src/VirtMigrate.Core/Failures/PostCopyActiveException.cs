namespace VirtMigrate.Failures;

/// <summary>What was asked would lose the VM, since each host holds a half of it in post-copy.</summary>
/// <param name="vm">The VM's name.</param>
public sealed class PostCopyActiveException(string vm)
    : MigrationException($"The VM '{vm}' is in post-copy: its memory is split between both hosts and can't be taken back.");
