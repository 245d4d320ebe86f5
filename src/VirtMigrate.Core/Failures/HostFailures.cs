using static VirtMigrate.Failures.Advice;
using Operation = VirtMigrate.Failures.AdviceOperation;
using Parameter = VirtMigrate.Failures.AdviceParameter;

namespace VirtMigrate.Failures;

/// <summary>A host is not reached, or does not do what it is asked for. The patterns are what a connection says that opens or breaks.</summary>
internal static class HostFailures
{
    /// <summary>A text that was to name a host names none.</summary>
    public static readonly Failure AddressInvalid = new("HostAddressInvalid", FailureCategory.InvalidArgument,
        f => $"'{f.Vm}' is neither a host name nor a libvirt URI.",
        _ => $"Give a host (kvm2), a user and host (root@kvm2), a libvirt URI (qemu+tls://kvm2/system) or a VmHost object from " +
            $"{Call(Operation.ListHosts)}.");

    /// <summary>The host does not answer: its name is unknown, nobody listens, or no packet comes back.</summary>
    public static readonly Failure Unreachable = new("HostUnreachable", FailureCategory.ConnectionError,
        f => $"'{f.Host}' can't be reached: {f.Said}",
        f => $"Check that the host is up, that its libvirt socket is enabled (systemctl enable --now virtqemud.socket; " +
            $"virtproxyd-tls.socket for qemu+tls) and that no firewall blocks port 22 (qemu+ssh), 16514 (qemu+tls) or 16509 " +
            $"(qemu+tcp). To try the same without PowerShell: virsh -c {f.HostWord} hostname")
    {
        Patterns =
        [
            "unable to connect to server at", "Unable to resolve address", "Could not resolve hostname", "No route to host",
            "Connection refused", "Connection timed out", "Network is unreachable", "Failed to connect socket to",
            "Operation timed out", "kex_exchange_identification", "Connection closed by", "Connection reset by",
        ],
    };

    /// <summary>The host refused the user, or asked for a user name and password that were not given.</summary>
    public static readonly Failure AuthenticationRefused = new("HostAuthenticationRefused", FailureCategory.AuthenticationError,
        f => $"'{f.Host}' refused the login: {f.Said}",
        f => $"Over ssh, use a key that needs no prompt: without a passphrase, or in an agent (ssh-copy-id, ssh-add). If the host asks " +
            $"for a password (SASL): " +
            $"{Call(Operation.ConnectHost, Use(Parameter.Subject, f.Host), Use(Parameter.Credential, true))}")
    {
        Patterns =
        [
            "Permission denied (", "Too many authentication failures", "authentication failed", "Failed to start SASL",
            "Failed to step SASL", "Failed to make auth credentials", "authentication unavailable", "Authentication failed",
        ],
    };

    /// <summary>A certificate or host key on the way to the host is missing, wrong or not trusted.</summary>
    public static readonly Failure CertificateInvalid = new("HostCertificateInvalid", FailureCategory.SecurityError,
        f => $"The identity of '{f.Host}', or your own, could not be verified: {f.Said}",
        f => $"With qemu+tls, the CA's and your own certificate belong in /etc/pki/CA and /etc/pki/libvirt, or in the directory " +
            $"that ?pkipath= in the URI names, and the host's certificate must contain the name that you use. With qemu+ssh, " +
            $"check the fingerprint of the host's key, then accept it once, with ssh or with: virsh -c {f.HostWord} hostname")
    {
        Patterns =
        [
            "certificate", "Unable to access credentials", "Cannot read CA", "Cannot read client", "TLS handshake",
            "TLS session", "Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED", "private key",
        ],
    };

    /// <summary>An open connection to the host broke; what was asked may or may not have been done.</summary>
    public static readonly Failure ConnectionLost = new("HostConnectionLost", FailureCategory.ConnectionError,
        f => $"The connection to '{f.Host}' broke: {f.Said}",
        _ => $"The next command connects again. To see what happened to a VM that was migrating: " +
            $"{Call(Operation.ListMigrations)}, {Call(Operation.VerifyMigration)}")
    {
        Patterns =
        [
            "client socket is closed", "End of file while reading data", "connection closed due to keepalive timeout",
            "received hangup", "Broken pipe", "Cannot recv data", "Cannot write data", "Connection reset by peer",
            "Lost connection to", "connection is not open", "invalid connection pointer",
        ],
    };

    /// <summary>The host did not answer within the time that was allowed.</summary>
    public static readonly Failure TimedOut = new("HostTimeout", FailureCategory.OperationTimeout,
        f => f.Said,
        f => $"Possible causes: a firewall that drops packets, a host that is down, a daemon that hangs. To try the same " +
            $"without PowerShell: virsh -c {f.HostWord} hostname");

    /// <summary>This machine has neither libvirt's library nor a tool that leads to the host.</summary>
    public static readonly Failure LibraryMissing = new("LibvirtMissing", FailureCategory.NotInstalled,
        f => $"Libvirt can't be used from this machine: {f.Said}",
        _ => $"Install one of these. Libvirt's library: apt install libvirt0 (Debian, Ubuntu), dnf install libvirt-libs (RHEL, " +
            $"Fedora), zypper install libvirt-libs (openSUSE), pacman -S libvirt (Arch), then restart PowerShell. Or virsh: apt " +
            $"install libvirt-clients, dnf install libvirt-client, brew install libvirt. Or an ssh client, if the host has virsh: " +
            $"{Call(Operation.ConnectHost, Use(Parameter.Subject, "root@kvm2"), Use(Parameter.Transport, "Ssh"))}");

    /// <summary>virsh or ssh is missing.</summary>
    public static readonly Failure ToolMissing = new("HostToolMissing", FailureCategory.NotInstalled,
        f => $"A program needed to reach '{f.Host}' is missing: {f.Said}",
        f => $"Virsh is in libvirt-clients (Debian, Ubuntu) or libvirt-client (RHEL, Fedora), ssh in openssh-client or " +
            $"openssh-clients; with {Use(Parameter.Transport, "Ssh")}, virsh must be on the host. Or use another transport (Libvirt, Virsh or Ssh): " +
            $"{Call(Operation.ConnectHost, Use(Parameter.Subject, f.HostWord.Word), Use(Parameter.Transport, "Libvirt"))}");

    /// <summary>virsh or ssh ended without having answered.</summary>
    public static readonly Failure ToolFailed = new("HostToolFailed", FailureCategory.ResourceUnavailable,
        f => $"The answer of '{f.Host}' is incomplete: {f.Said}",
        f => $"The request may have been carried out nevertheless. To check: {Call(Operation.ListMigrations)}, " +
            $"{Call(Operation.VerifyMigration)}. To try the same without PowerShell: virsh -c {f.HostWord} hostname");

    /// <summary>virsh printed something that can't be read.</summary>
    public static readonly Failure OutputInvalid = new("HostOutputInvalid", FailureCategory.InvalidData,
        f => $"The answer of '{f.Host}' can't be read: {f.Said}",
        f => $"Possible causes: a login script on the host that prints text, another program named virsh, a newer libvirt. To try the " +
            $"same without PowerShell: virsh -c {f.HostWord} hostname. Libvirt's own library does not depend on this output: " +
            $"{Call(Operation.ConnectHost, Use(Parameter.Subject, f.HostWord.Word), Use(Parameter.Transport, "Libvirt"))}");

    /// <summary>Libvirt refuses for a reason that has no row.</summary>
    public static readonly Failure LibvirtError = new("LibvirtError", FailureCategory.InvalidOperation,
        f => f.Host is null ? f.Said : $"'{f.Host}': {f.Said}",
        f => $"This is libvirt's own message. The daemon's log on {(f.HostUri is null ? "the host" : $"'{f.Host}'")} says more: " +
            $"journalctl -u virtqemud -u libvirtd");

    /// <summary>The host's libvirt or hypervisor can't do this.</summary>
    public static readonly Failure NotSupported = new("NotSupported", FailureCategory.NotImplemented,
        f => $"'{f.Host}' does not support this: {f.Said}",
        _ => $"To see the hosts' hypervisors and versions: " +
            $"{Call(Operation.ListHosts)
                .Show(nameof(VmHost.Name), nameof(VmHost.Hypervisor), nameof(VmHost.HypervisorVersion), nameof(VmHost.LibvirtVersion))}")
    {
        CanRetry = false, Codes = [3, 74, 84],
        Patterns = ["Destination libvirt does not support peer-to-peer migration protocol"],
    };

    /// <summary>The rows.</summary>
    public static readonly Failure[] Rows =
    [
        AddressInvalid, Unreachable, AuthenticationRefused, CertificateInvalid, ConnectionLost, TimedOut, LibraryMissing,
        ToolMissing, ToolFailed, OutputInvalid, LibvirtError, NotSupported,
    ];

    /// <summary>The rows whose patterns are for connections that open or break, and not for migrations.</summary>
    public static IReadOnlyList<Failure> OfConnections { get; } = [Unreachable, AuthenticationRefused, CertificateInvalid, ConnectionLost];
}
