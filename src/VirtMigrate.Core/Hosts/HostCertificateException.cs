namespace VirtMigrate.Hosts;

/// <summary>A certificate or host key on the way to the host is missing, wrong or not trusted.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class HostCertificateException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
