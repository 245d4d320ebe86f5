using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>The VM stopped, or left its host, while its dirty rate was measured.</summary>
public sealed class DirtyRateInterruptedException : MigrationException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="vm">The VM as it was when the measuring began.</param>
    /// <param name="now">Its state now; null when its host does not have it any more.</param>
    /// <param name="innerException">What the host said to a measurement without a VM.</param>
    public DirtyRateInterruptedException(Vm vm, VmStatus? now, Exception? innerException = null)
        : base(Tell(vm, now), innerException)
    {
        Vm = vm.Name;
        Status = now;
    }

    /// <summary>The VM's state; null when its host does not have it any more.</summary>
    public VmStatus? Status { get; }

    private static string Tell(Vm vm, VmStatus? now)
    {
        ArgumentNullException.ThrowIfNull(vm);
        return now switch
        {
            null => $"The VM '{vm.Name}' left '{vm.VmHost.Name}' while its dirty rate was measured.",
            { IsMigratedAway: true } => $"The VM '{vm.Name}' was migrated away from '{vm.VmHost.Name}' while its dirty rate was measured.",
            { } status => $"The VM '{vm.Name}' stopped while its dirty rate was measured; it is {status} now.",
        };
    }
}
