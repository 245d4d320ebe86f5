namespace VirtMigrate.Hypervisor;

/// <summary>A program that reaches a host, virsh or ssh, is missing or ended without having answered.</summary>
/// <param name="tool">The program's name.</param>
/// <param name="reason">What happened.</param>
/// <param name="innerException">What the system said.</param>
public sealed class HypervisorToolException(string tool, string reason, Exception? innerException = null)
    : HypervisorException($"{tool} gave no answer. {reason}", innerException)
{
    /// <summary>The program's name.</summary>
    public string Tool { get; } = tool;
}
