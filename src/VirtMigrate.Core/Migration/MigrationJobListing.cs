using VirtMigrate.Hosts;

namespace VirtMigrate.Migration;

/// <summary>The migrations on a number of hosts.</summary>
/// <param name="Jobs">The migrations, one entry a VM.</param>
/// <param name="Failures">The hosts that could not be asked, and why.</param>
internal sealed record MigrationJobListing(
    IReadOnlyList<VmMigrationJobInfo> Jobs,
    IReadOnlyList<KeyValuePair<HostConnection, HypervisorException>> Failures);
