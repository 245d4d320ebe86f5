namespace VirtMigrate.Hosts;

/// <summary>A program that reaches a host, virsh or ssh, is missing or ended without having answered.</summary>
/// <param name="tool">The program's name.</param>
/// <param name="reason">What happened.</param>
/// <param name="innerException">What the system said, where the program could not be started.</param>
public sealed class HypervisorToolException(string tool, string reason, Exception? innerException = null)
    : HypervisorException($"{tool} gave no answer. {reason}", innerException)
{
    /// <summary>The program's name.</summary>
    public string Tool { get; } = tool;

    /// <summary>Whether it could not be started; otherwise it ended before its time.</summary>
    public bool IsMissing { get; init; } = innerException is not null;
}
