namespace VirtMigrate.Migration;

/// <summary>A policy says something that makes no sense.</summary>
/// <param name="origin">Where it comes from: a file's path or a parameter.</param>
/// <param name="problems">What is wrong, each with the key and the value.</param>
public sealed class PolicyInvalidException(string origin, IReadOnlyList<string> problems)
    : MigrationException($"The policy in {origin} is not valid. {string.Join(' ', problems)}")
{
    /// <summary>Where it comes from.</summary>
    public string Origin { get; } = origin;

    /// <summary>What is wrong.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
