namespace VirtMigrate.Failures;

/// <summary>What was to move is a definition that a VM has left behind: the VM itself is active on another host.</summary>
/// <param name="leftover">The VM as the host has it that it was to leave.</param>
/// <param name="active">The VM as the host has it that it is active on.</param>
public sealed class VmRunsElsewhereException(Vm leftover, Vm active)
    : MigrationException($"What '{leftover.VmHost}' has of '{leftover.Name}' is a leftover: the VM is {active.Status} on '{active.VmHost}'.")
{
    /// <summary>The VM as the host has it that it was to leave.</summary>
    public Vm Leftover { get; } = leftover;

    /// <summary>The VM as the host has it that it is active on.</summary>
    public Vm Active { get; } = active;

    /// <summary>The host that the leftover was to go to; null where none was named.</summary>
    public HostAddress? Destination { get; init; }

    /// <summary>Whether the VM is active on that host, so that there is nothing to move.</summary>
    public bool IsThere { get; init; }

    /// <summary>Whether a VM is active on its host, in whatever state. One that crashed and is kept for its dump is, too.</summary>
    /// <param name="vm">The VM.</param>
    /// <returns>True when it is.</returns>
    public static bool IsActive(Vm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return vm.Status.IsActive || vm.Id is not null;
    }
}
