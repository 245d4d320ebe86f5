namespace VirtMigrate.Hypervisor;

/// <summary>Another job holds the VM.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class VmBusyException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
