using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Migration;
using VirtMigrate.Migration.Options;
using VirtMigrate.Readiness;

namespace VirtMigrate.Estimation;

/// <summary>Says what the figures of an estimate leave out.</summary>
internal static class EstimateRemarks
{
    /// <summary>Finds what to say.</summary>
    /// <param name="move">The migration.</param>
    /// <param name="scene">What the estimate was made from.</param>
    /// <param name="inspection">What was seen of the VM.</param>
    /// <returns>A sentence each.</returns>
    public static IEnumerable<string> Of(CheckContext move, EstimateScene scene, VmInspection inspection)
    {
        if (move.IsLive && inspection.ResidentMemory is null)
        {
            yield return "The host does not tell how much of its memory the VM uses; all of it is counted.";
        }

        if (scene.Options.Has(MigrationOptions.Compression))
        {
            yield return "What compression saves depends on the content of memory; the figures are for none.";
        }

        if (scene.StorageSize > 0)
        {
            yield return "Disks are counted once; what the guest writes to them meanwhile comes on top.";
        }

        if (scene.Policy is { StallDetection: not null } policy)
        {
            yield return $"The policy {policy.Name} steps in when the rest gets no smaller; the figures are for a migration that it leaves alone.";
        }

        if (scene.Limits is { OnTimeout: TimeoutAction.Abort, Timeout: { } timeout } && scene.Forecasts.Of(scene.Plain).LongestDuration > timeout)
        {
            yield return FormattableString.Invariant($"After {timeout.TotalSeconds:0} s it is aborted (-Timeout), which may be too early.");
        }
    }
}
