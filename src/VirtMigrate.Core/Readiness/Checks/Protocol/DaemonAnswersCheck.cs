using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The destination's daemon lets this computer in and answers.</summary>
public sealed class DaemonAnswersCheck : ReadinessCheck
{
    private static readonly string[] HostKeyTexts = ["Host key verification failed", "REMOTE HOST IDENTIFICATION HAS CHANGED"];

    private static readonly string[] NameTexts = ["Unable to resolve address", "Could not resolve hostname", "Name or service not known"];

    private static readonly string[] DaemonTexts = ["Connection refused", "Failed to connect socket to", "End of file while reading data"];

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Protocol;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var uri = move.Destination.Address.Uri;
        try
        {
            var host = await move.Destination.GetHostAsync().ConfigureAwait(false);
            return Passed("Answers", host.Name, host.LibvirtVersion, host.Hypervisor, host.HypervisorVersion)
                .Seen(host.Name, "libvirt, hypervisor", $"{host.LibvirtVersion}, {host.Hypervisor} {host.HypervisorVersion}");
        }
        catch (HypervisorException e)
        {
            return Explain(e, [uri, e.Message, move.Destination.Address.HostName]).Seen("this computer", $"open {uri}", e.Message);
        }
    }

    private static ReadinessFinding Explain(HypervisorException e, object[] values) => e switch
    {
        HostCertificateException when HasAny(e, HostKeyTexts) => Failed("HostKey", values),
        HostCertificateException when Has(e, "hostname") || Has(e, "does not match") => Failed("CertificateName", values),

        // Libvirt keeps for its log what it has against a certificate, and calls it an authentication that failed.
        HostAuthenticationException when Has(e, "verify peer's certificate") => Failed("CertificateName", values),
        HostCertificateException => Failed("Certificate", values),
        HostAuthenticationException => Failed("Denied", values),
        HostTimeoutException => Failed("Silent", values),
        HypervisorLibraryException or HypervisorToolException { IsMissing: true } => Failed("Library", values),
        _ when HasAny(e, NameTexts) => Failed("NameUnknown", values),
        _ when HasAny(e, DaemonTexts) => Failed("Down", values),
        HostUnreachableException => Failed("Unreachable", values),
        _ => Failed("Closed", values),
    };

    private static bool HasAny(HypervisorException e, string[] texts) => texts.Any(t => Has(e, t));

    private static bool Has(HypervisorException e, string text) => e.Message.Contains(text, StringComparison.OrdinalIgnoreCase);
}
