namespace VirtMigrate.Failures;

/// <summary>A migration that was started without post-copy can't be switched to it.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="cause">What libvirt said.</param>
public sealed class PostCopyNotEnabledException(string vm, Exception cause)
    : MigrationException($"The migration of VM '{vm}' was started without post-copy and can't be switched to it.", cause);
