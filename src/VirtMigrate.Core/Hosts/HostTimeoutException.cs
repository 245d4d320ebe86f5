namespace VirtMigrate.Hosts;

/// <summary>The host did not answer within the time that was allowed.</summary>
public sealed class HostTimeoutException : HypervisorException
{
    /// <summary>Makes it of one call.</summary>
    /// <param name="host">The host.</param>
    /// <param name="timeout">The time.</param>
    public HostTimeoutException(HostAddress host, TimeSpan timeout)
        : base($"'{host}' did not answer within {timeout.TotalSeconds:0} s.") => Timeout = timeout;

    /// <summary>Makes it for a host that is not asked again yet.</summary>
    /// <param name="host">The host.</param>
    /// <param name="timeout">The time that the new call would have had.</param>
    /// <param name="outstanding">How many earlier calls it still owes an answer.</param>
    internal HostTimeoutException(HostAddress host, TimeSpan timeout, int outstanding)
        : base($"'{host}' has not answered {outstanding} earlier calls, and is not asked again until it answers one of them.") => Timeout = timeout;

    /// <summary>The time that was allowed.</summary>
    public TimeSpan Timeout { get; }
}
