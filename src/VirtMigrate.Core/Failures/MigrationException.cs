namespace VirtMigrate.Failures;

/// <summary>A migration can't be made, or went wrong. Each kind has a type of its own.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="innerException">What caused it.</param>
public abstract class MigrationException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The VM that it concerns; null where it concerns none or several.</summary>
    public string? Vm { get; init; }
}
