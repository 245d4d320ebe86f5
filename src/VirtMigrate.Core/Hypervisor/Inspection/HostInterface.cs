namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A network interface of a host.</summary>
/// <param name="Name">Its name, such as <c>eth0</c> or <c>br0</c>.</param>
/// <param name="LinkSpeed">The link's speed in bits per second; null where the host does not tell.</param>
/// <param name="Mtu">The largest frame in bytes; null where the host does not tell.</param>
public sealed record HostInterface(string Name, long? LinkSpeed, int? Mtu);
