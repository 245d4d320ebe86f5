namespace VirtMigrate.Hosts;

/// <summary>The job was ended on request.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class JobAbortedException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
