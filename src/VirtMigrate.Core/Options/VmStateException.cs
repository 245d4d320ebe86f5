using VirtMigrate.Failures;

namespace VirtMigrate.Options;

/// <summary>The VM is not in a state in which it could be migrated as asked.</summary>
/// <param name="vm">The VM.</param>
/// <param name="isLive">Whether a live migration was asked for.</param>
public sealed class VmStateException(Vm vm, bool isLive) : MigrationException(isLive
    ? $"The VM '{vm.Name}' is {vm.Status}; only a VM that runs can be migrated live."
    : $"The VM '{vm.Name}' is {vm.Status}; only a VM that is shut off can be migrated offline.")
{
    /// <summary>The VM's state.</summary>
    public VmStatus Status { get; } = vm.Status;

    /// <summary>Whether a live migration was asked for.</summary>
    public bool IsLive { get; } = isLive;
}
