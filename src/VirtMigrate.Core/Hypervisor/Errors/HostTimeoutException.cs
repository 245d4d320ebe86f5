namespace VirtMigrate.Hypervisor;

/// <summary>The host did not answer within the time that was allowed.</summary>
/// <param name="host">The host.</param>
/// <param name="timeout">The time.</param>
public sealed class HostTimeoutException(HostAddress host, TimeSpan timeout)
    : HypervisorException($"'{host}' did not answer within {timeout.TotalSeconds:0} s.")
{
    /// <summary>The time that was allowed.</summary>
    public TimeSpan Timeout { get; } = timeout;
}
