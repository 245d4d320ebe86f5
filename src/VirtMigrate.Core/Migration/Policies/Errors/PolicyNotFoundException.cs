namespace VirtMigrate.Migration;

/// <summary>There is no policy of that name, or no such file.</summary>
/// <param name="policy">The name or path.</param>
/// <param name="message">What was looked for.</param>
public sealed class PolicyNotFoundException(string policy, string message) : MigrationException(message)
{
    /// <summary>The name or path.</summary>
    public string Policy { get; } = policy;
}
