namespace VirtMigrate.Hypervisor;

/// <summary>The host's libvirt or hypervisor cannot do this.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class HypervisorNotSupportedException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
