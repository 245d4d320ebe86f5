using VirtMigrate.Failures;

namespace VirtMigrate.Options;

/// <summary>A host is too old for an option of the migration.</summary>
/// <param name="problems">What needs which version, at least one.</param>
public sealed class MigrationOptionUnsupportedException(IReadOnlyList<MigrationOptionProblem> problems)
    : MigrationException(string.Join(' ', problems.Select(p => p.Message)))
{
    /// <summary>What needs which version.</summary>
    public IReadOnlyList<MigrationOptionProblem> Problems { get; } = problems;
}
