using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>How a migration that began has ended.</summary>
/// <param name="Result">What became of the VM.</param>
/// <param name="Failure">Why it did not complete; null when it did.</param>
public sealed record MigrationReport(VmMigrationResult Result, Exception? Failure);
