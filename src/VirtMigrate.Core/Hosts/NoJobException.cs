namespace VirtMigrate.Hosts;

/// <summary>The VM has no job that could be controlled.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class NoJobException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
