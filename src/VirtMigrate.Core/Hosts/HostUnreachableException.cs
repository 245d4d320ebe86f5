namespace VirtMigrate.Hosts;

/// <summary>The host does not answer: its name is unknown, nobody listens, or no packet comes back.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class HostUnreachableException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
