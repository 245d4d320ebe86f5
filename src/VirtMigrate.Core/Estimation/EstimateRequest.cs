using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>A migration that is to be estimated.</summary>
/// <param name="Migration">The migration.</param>
/// <param name="DirtyRate">How fast the VM changes its memory, where that has been measured; null to measure it.</param>
public sealed record EstimateRequest(MigrationRequest Migration, VmDirtyRate? DirtyRate);
