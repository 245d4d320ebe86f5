namespace VirtMigrate.Hosts;

/// <summary>An open connection to the host broke; what was asked may or may not have been done.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class HostConnectionLostException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
