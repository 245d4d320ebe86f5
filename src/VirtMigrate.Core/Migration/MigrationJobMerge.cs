namespace VirtMigrate.Migration;

/// <summary>Makes one account of a migration of what its two hosts say.</summary>
internal static class MigrationJobMerge
{
    /// <summary>Merges two accounts. The source accounts for the move; what is under way says more than what a host remembers.</summary>
    /// <param name="one">What one host says.</param>
    /// <param name="other">What the other says.</param>
    /// <returns>One account.</returns>
    public static VmMigrationJobInfo Merge(VmMigrationJobInfo one, VmMigrationJobInfo other)
    {
        var (main, side) = Weight(one) >= Weight(other) ? (one, other) : (other, one);
        if (main.Status != side.Status && !(IsUnderWay(main) && IsUnderWay(side)))
        {
            return main;
        }

        return main with
        {
            Source = main.Source ?? side.Source,
            Destination = main.Destination ?? side.Destination,

            // One daemon that lost sight of a post-copy does not stop it; only both QEMUs know that it broke.
            Status = main.Status == side.Status ? main.Status : MigrationJobStatus.Running,
        };
    }

    /// <summary>
    /// Whether a VM is only known to have arrived. That tells where a migration went which its source accounts for, and is none by itself.
    /// </summary>
    /// <param name="job">The account.</param>
    /// <returns>True when it is.</returns>
    public static bool IsMereArrival(VmMigrationJobInfo job) => job is { Source: null, Statistics: null, Phase: MigrationPhase.Ended };

    /// <summary>Whether an account is of a move the other way round, which a host remembers from before this one began.</summary>
    /// <param name="found">The account.</param>
    /// <param name="job">The migration that is meant.</param>
    /// <returns>True when it is.</returns>
    public static bool IsEarlier(VmMigrationJobInfo found, VmMigrationJobInfo job) => found.Phase == MigrationPhase.Ended &&
        ((found.Source is { } source && string.Equals(source.Uri, job.Destination?.Uri, StringComparison.Ordinal)) ||
        (found.Destination is { } destination && string.Equals(destination.Uri, job.Source?.Uri, StringComparison.Ordinal)));

    private static bool IsUnderWay(VmMigrationJobInfo job) => job.Status is MigrationJobStatus.Running or MigrationJobStatus.PostCopyPaused;

    private static int Weight(VmMigrationJobInfo job) => (IsUnderWay(job) ? 2 : 0) + (job.Source is null ? 0 : 1);
}
