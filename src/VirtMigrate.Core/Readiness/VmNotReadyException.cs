using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness;

/// <summary>The checks before a migration found something that stands in its way; nothing has moved.</summary>
/// <param name="readiness">What was found.</param>
public sealed class VmNotReadyException(VmMigrationReadiness readiness) : MigrationException(Describe(readiness))
{
    /// <summary>What was found.</summary>
    public VmMigrationReadiness Readiness { get; } = readiness;

    private static string Describe(VmMigrationReadiness readiness)
    {
        ArgumentNullException.ThrowIfNull(readiness);
        return $"'{readiness.Vm}' can't go to '{readiness.Destination.Name}': " +
            string.Join(' ', readiness.Obstacles.Select(c => $"{c.Id}: {c.Message}"));
    }
}
