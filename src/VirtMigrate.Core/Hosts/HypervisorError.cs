namespace VirtMigrate.Hosts;

/// <summary>An error as the hypervisor's library gave it (virError).</summary>
/// <param name="Code">What went wrong (virErrorNumber).</param>
/// <param name="Domain">The part of libvirt that says so (virErrorDomain).</param>
/// <param name="Message">The whole message, for people.</param>
public sealed record HypervisorError(int Code, int Domain, string Message)
{
    /// <summary>The level (virErrorLevel): 1 a warning, 2 an error.</summary>
    public int Level { get; init; }

    /// <summary>Extra text 1.</summary>
    public string? Text1 { get; init; }

    /// <summary>Extra text 2.</summary>
    public string? Text2 { get; init; }

    /// <summary>Extra text 3.</summary>
    public string? Text3 { get; init; }

    /// <summary>Extra number 1.</summary>
    public int Number1 { get; init; }

    /// <summary>Extra number 2.</summary>
    public int Number2 { get; init; }
}
