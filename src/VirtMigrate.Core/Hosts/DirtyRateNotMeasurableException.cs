namespace VirtMigrate.Hosts;

/// <summary>QEMU measured a VM's dirty rate, and had nothing to compare.</summary>
public sealed class DirtyRateNotMeasurableException : HypervisorException
{
    /// <summary>Makes an exception.</summary>
    /// <param name="host">The host that the VM is on.</param>
    public DirtyRateNotMeasurableException(HostAddress host)
        : base("QEMU compares one page of every 2 MiB, and the VM has no block of memory of that size.") => Host = host;
}
