namespace VirtMigrate.Hypervisor;

/// <summary>The host has no such VM.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class VmNotFoundException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
