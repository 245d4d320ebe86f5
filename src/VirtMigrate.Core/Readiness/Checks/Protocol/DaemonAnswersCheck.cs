using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The destination's daemon lets this computer in and answers.</summary>
internal sealed class DaemonAnswersCheck : ReadinessCheck
{
    private static readonly string[] HostKeyTexts = ["Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"];

    private static readonly string[] NameTexts = ["Unable to resolve address", "Could not resolve hostname", "Name or service not known"];

    private static readonly string[] DaemonTexts = ["Connection refused", "Failed to connect socket to", "End of file while reading data"];

    public override ReadinessCategory Category => ReadinessCategory.Protocol;
    public override string Subject => "The destination's daemon accepts this computer's connection and answers.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var uri = context.Destination.Address.Uri;
        try
        {
            var host = await context.Destination.GetHostAsync().ConfigureAwait(false);
            return Passed($"{host.Name} answers: libvirt {host.LibvirtVersion}, {host.Hypervisor} {host.HypervisorVersion}.")
                .Seen(host.Name, "libvirt, hypervisor", $"{host.LibvirtVersion}, {host.Hypervisor} {host.HypervisorVersion}");
        }
        catch (HypervisorException e)
        {
            return Explain(context, e).Seen("this computer", $"open {uri}", e.Message);
        }
    }

    private static Finding Explain(CheckContext context, HypervisorException e)
    {
        var (uri, host) = (context.Destination.Address.Uri, context.Destination.Address.HostName);
        return e switch
        {
            { Failure: var f } when f == HostFailures.CertificateInvalid && HasAny(e, HostKeyTexts) => Failed(
                $"The host key of {uri} is unknown or has changed: {e.Message}",
                advice: $"Check the key's fingerprint on the host itself. Then accept it: ssh-keyscan {host} >> " +
                    $"~/.ssh/known_hosts (if it has changed, first: ssh-keygen -R {host}).",
                libvirt: $"{e.Message}"),
            { Failure: var f } when f == HostFailures.CertificateInvalid && (Has(e, "hostname") || Has(e, "does not match")) => OtherName(context, e),

            // Libvirt keeps for its log what it has against a certificate, and calls it an authentication that failed.
            { Failure: var f } when f == HostFailures.AuthenticationRefused && Has(e, "verify peer's certificate") => OtherName(context, e),
            { Failure: var f } when f == HostFailures.CertificateInvalid => Failed(
                $"TLS to {uri} fails because of its certificates: {e.Message}",
                advice: $"Check them on both hosts: virt-pki-validate; openssl verify -CAfile /etc/pki/CA/cacert.pem /etc/pki/libvirt/servercert.pem",
                libvirt: $"{e.Message}"),
            { Failure: var f } when f == HostFailures.AuthenticationRefused => Failed(
                $"{uri} refuses this computer's login: {e.Message}",
                advice: $"Give it a key (ssh-copy-id), or a user name and password: Connect-VmHost {context.DestinationUri} -Credential (Get-Credential)",
                libvirt: $"{e.Message}"),
            HostTimeoutException => Failed(
                $"{uri} does not answer: {e.Message}",
                advice: $"Check on the host whether it is up and its daemon runs: systemctl status libvirtd virtqemud",
                libvirt: $"{e.Message}"),
            { Failure: var f } when f == HostFailures.LibraryMissing || f == HostFailures.ToolMissing => Failed(
                $"This computer has no program to connect to {uri} with: {e.Message}",
                advice: $"Install libvirt's client library (libvirt0 on Debian and Ubuntu, libvirt-libs on Fedora and RHEL) or virsh " +
                    $"(libvirt-clients, libvirt-client); an ssh client is enough if the host itself has virsh.",
                libvirt: $"{e.Message}"),
            _ when HasAny(e, NameTexts) => Failed(
                $"This computer can't resolve the host name in {uri}: {e.Message}",
                advice: $"Check the name: getent ahosts {host}. Or give the host's address instead.",
                libvirt: $"{e.Message}"),
            _ when HasAny(e, DaemonTexts) => Failed(
                $"No daemon answers at {uri}: {e.Message}",
                advice: $"Start it on the host: systemctl start libvirtd (virtqemud.socket and virtproxyd-tls.socket or virtproxyd-tcp.socket with " +
                    $"the modular daemons).",
                libvirt: $"{e.Message}"),
            HostUnreachableException => Failed(
                $"{uri} can't be reached: {e.Message}",
                advice: $"Check the route to the host (ping -c 1 {host}) and the firewalls between: ports 22 for ssh, 16514 for TLS, 16509 " +
                    $"for TCP.",
                libvirt: $"{e.Message}"),
            _ => Failed(
                $"{uri} can't be opened: {e.Message}",
                advice: $"To try it with libvirt's own client: virsh -c {context.DestinationUri} hostname",
                libvirt: $"{e.Message}"),
        };
    }

    private static Finding OtherName(CheckContext context, HypervisorException e) => Failed(
        $"The certificate of {context.Destination.Address.Uri} is for another name, or its issuer (CA) is unknown to this computer: " +
            $"{e.Message}",
        advice: $"Use a name that the certificate contains. To see its names, on {context.DestinationName}: " +
            $"openssl x509 -in /etc/pki/libvirt/servercert.pem -noout -subject -ext subjectAltName",
        libvirt: $"{e.Message}");

    private static bool HasAny(HypervisorException e, string[] texts) => texts.Any(t => Has(e, t));

    private static bool Has(HypervisorException e, string text) => e.Message.Contains(text, StringComparison.OrdinalIgnoreCase);
}
