using VirtMigrate.Hypervisor;
using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>The VM's dirty rate can't be measured in the mode that was asked for.</summary>
/// <param name="vm">The VM's name.</param>
/// <param name="mode">The mode.</param>
/// <param name="cause">What keeps it.</param>
public sealed class DirtyRateModeException(string vm, DirtyRateMode mode, HypervisorNotSupportedException cause)
    : MigrationException($"The dirty rate of VM '{vm}' can't be measured in mode {mode}: {cause.Message}", cause)
{
    /// <summary>The mode.</summary>
    public DirtyRateMode Mode { get; } = mode;
}
