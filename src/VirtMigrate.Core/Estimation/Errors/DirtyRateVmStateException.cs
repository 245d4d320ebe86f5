using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>The VM's dirty rate can't be measured, since its guest does not run.</summary>
public sealed class DirtyRateVmStateException : MigrationException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="vm">The VM as it is.</param>
    public DirtyRateVmStateException(Vm vm)
        : base(Tell(vm))
    {
        Vm = vm.Name;
        Status = vm.Status;
    }

    /// <summary>The VM's state.</summary>
    public VmStatus Status { get; }

    private static string Tell(Vm vm)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return vm.Status.IsActive
            ? $"The VM '{vm.Name}' is {vm.Status}: a guest that stands still changes nothing, and would read 0."
            : $"The VM '{vm.Name}' is {vm.Status}; only of a VM that runs the dirty rate can be measured.";
    }
}
