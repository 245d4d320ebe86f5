namespace VirtMigrate.Failures;

/// <summary>The destination has a VM that stands in the way.</summary>
/// <param name="vm">The VM that was to move.</param>
/// <param name="existing">The VM that is there.</param>
public sealed class VmOnDestinationException(Vm vm, Vm existing) : MigrationException(vm.Uuid == existing.Uuid
    ? $"The VM '{existing.Name}' is already on '{existing.VmHost.Name}': {existing.Status}."
    : $"The host '{existing.VmHost.Name}' has another VM named '{existing.Name}' (UUID {existing.Uuid}): {existing.Status}.")
{
    /// <summary>The VM that is there.</summary>
    public Vm Existing { get; } = existing;
}
