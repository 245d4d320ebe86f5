namespace VirtMigrate.Hosts;

/// <summary>Another job holds the VM.</summary>
public sealed class VmBusyException : HypervisorException
{
    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">Libvirt's error.</param>
    /// <param name="host">The host that it concerns.</param>
    public VmBusyException(HypervisorError error, HostAddress? host = null)
        : base(error, host)
    {
    }

    /// <summary>Makes an exception for a job that was seen before it was run into.</summary>
    /// <param name="message">What holds the VM.</param>
    /// <param name="host">The host that it concerns.</param>
    public VmBusyException(string message, HostAddress host)
        : base(message) => Host = host;
}
