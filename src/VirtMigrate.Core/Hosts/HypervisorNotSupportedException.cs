namespace VirtMigrate.Hosts;

/// <summary>The host's libvirt or hypervisor cannot do this.</summary>
public sealed class HypervisorNotSupportedException : HypervisorException
{
    /// <summary>Makes an exception of a library's error.</summary>
    /// <param name="error">Libvirt's error.</param>
    /// <param name="host">The host that it concerns.</param>
    public HypervisorNotSupportedException(HypervisorError error, HostAddress? host = null)
        : base(error, host)
    {
    }

    /// <summary>Makes an exception for what is known to be impossible before it is tried.</summary>
    /// <param name="message">What the host can't do, and why.</param>
    /// <param name="host">The host that it concerns.</param>
    public HypervisorNotSupportedException(string message, HostAddress host)
        : base(message) => Host = host;
}
