namespace VirtMigrate;

/// <summary>
/// One libvirt host as it described itself when its connection was opened
/// (virConnectGetHostname, virConnectGetVersion, virNodeGetInfo and virConnectGetCapabilities).
/// </summary>
public sealed record VmHost
{
    /// <summary>The host's own name for itself (virConnectGetHostname). Two hosts with one name can't exchange VMs.</summary>
    public required string Name { get; init; }

    /// <summary>The libvirt URI of the connection.</summary>
    public required string Uri { get; init; }

    /// <summary>How the connection reaches the host: <c>Libvirt</c>, <c>Virsh</c> or <c>Ssh</c>; empty for a host that was not reached.</summary>
    public required string Transport { get; init; }

    /// <summary>The hypervisor driver, such as <c>QEMU</c> or <c>TEST</c> (virConnectGetType).</summary>
    public required string Hypervisor { get; init; }

    /// <summary>The version of the hypervisor, such as QEMU 7.2.22; null where the host can't tell.</summary>
    public Version? HypervisorVersion { get; init; }

    /// <summary>The version of the libvirt daemon.</summary>
    public required Version LibvirtVersion { get; init; }

    /// <summary>The host's UUID from its capabilities; libvirt refuses a migration between two hosts that share one.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>The processor architecture, such as <c>x86_64</c>.</summary>
    public required string Architecture { get; init; }

    /// <summary>The number of logical processors that are online.</summary>
    public int CpuCount { get; init; }

    /// <summary>The host's memory in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>Whether what crosses the connection is encrypted: TLS (virConnectIsEncrypted) or ssh.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>Whether the connection was alive when this object was made (virConnectIsAlive).</summary>
    public bool IsConnected { get; init; }

    /// <summary>A host that could not be reached, of which no more is known than its address.</summary>
    /// <param name="address">The address.</param>
    /// <returns>The host, not connected; its versions are 0.0.</returns>
    public static VmHost Unreached(HostAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return new()
        {
            Name = address.HostName is { Length: > 0 } name ? name : address.Uri,
            Uri = address.Uri,
            Transport = string.Empty,
            Hypervisor = "unknown",
            LibvirtVersion = new(0, 0),
            Architecture = "unknown",
        };
    }

    /// <summary>
    /// What it shares with another host, so that libvirt would take the two for one: it compares both names and both UUIDs, and refuses either
    /// match half a migration later.
    /// </summary>
    /// <param name="other">The other.</param>
    /// <returns>What they share, such as <c>the host UUID …</c>; null where they are two.</returns>
    internal string? SharedWith(VmHost other) =>
        string.Equals(Uri, other.Uri, StringComparison.Ordinal) ? $"the URI {Uri}" :
        Uuid is { } uuid && uuid == other.Uuid ? $"the host UUID {uuid}" :
        string.Equals(Name, other.Name, StringComparison.OrdinalIgnoreCase) ? $"the host name {Name}" :
        null;

    /// <summary>The host's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>The ways to reach hosts.</summary>
public enum HostTransport
{
    /// <summary>Libvirt's C API in this process.</summary>
    Libvirt,

    /// <summary>Virsh on this machine.</summary>
    Virsh,

    /// <summary>Virsh on the host itself, started by ssh.</summary>
    Ssh,
}
