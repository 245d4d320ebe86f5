namespace VirtMigrate.Migration.Policies;

/// <summary>What holds for one migration, whatever its policy says.</summary>
/// <param name="CanPostCopy">Whether the migration was started so that it can switch to post-copy.</param>
/// <param name="GivenMaxDowntime">The standstill that the user allowed, before which the policy's own limits give way; null for none.</param>
/// <param name="Timeout">The time that the migration may take; null for any.</param>
internal sealed record PolicyConditions(bool CanPostCopy, TimeSpan? GivenMaxDowntime = null, TimeSpan? Timeout = null);
