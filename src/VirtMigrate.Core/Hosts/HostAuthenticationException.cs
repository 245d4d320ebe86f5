namespace VirtMigrate.Hosts;

/// <summary>The host refused the user, or asked for a user name and password that were not given.</summary>
/// <param name="error">Libvirt's error.</param>
/// <param name="host">The host that it concerns.</param>
public sealed class HostAuthenticationException(HypervisorError error, HostAddress? host = null) : HypervisorException(error, host);
