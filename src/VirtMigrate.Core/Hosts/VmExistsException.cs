namespace VirtMigrate.Hosts;

/// <summary>The host has a VM of that name or UUID already.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class VmExistsException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
