using VirtMigrate.Failures;

namespace VirtMigrate.Options;

/// <summary>The options of a migration do not fit together.</summary>
/// <param name="problems">What is wrong, at least one.</param>
public sealed class MigrationOptionException(IReadOnlyList<MigrationOptionProblem> problems)
    : MigrationException(string.Join(' ', problems.Select(p => p.Message)))
{
    /// <summary>What is wrong.</summary>
    public IReadOnlyList<MigrationOptionProblem> Problems { get; } = problems;
}
