using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VirtMigrate.Hosts;

/// <summary>What a host keeps for encrypted migrations (QEMU's tls-creds-x509). Keys are only looked for, never read.</summary>
internal sealed class TlsCredentials
{
    private const string Script = """
        cd "$1" 2>/dev/null || { echo "missing $1"; exit 0; }
        for f in ca-cert.pem "$2-cert.pem" "$2-key.pem"; do
            if [ ! -e "$f" ]; then echo "missing $f"; elif [ ! -r "$f" ]; then echo "hidden $f"; fi
        done
        echo authority; cat ca-cert.pem 2>/dev/null
        echo own; cat "$2-cert.pem" 2>/dev/null
        echo end
        """;

    private readonly X509Certificate2Collection _authorities;

    private TlsCredentials(string directory, string? missing, X509Certificate2Collection authorities, X509Certificate2? certificate)
    {
        Directory = directory;
        Missing = missing;
        _authorities = authorities;
        Certificate = certificate;
    }

    /// <summary>The directory that they are in.</summary>
    public string Directory { get; }

    /// <summary>The first file that is missing and needed; null where none is.</summary>
    public string? Missing { get; }

    /// <summary>The host's own certificate; null for a source without.</summary>
    public X509Certificate2? Certificate { get; }

    /// <summary>When the host's own certificate ends.</summary>
    public string Expiry => Certificate?.NotAfter.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "never";

    /// <summary>The names that the host's own certificate is for.</summary>
    public string Names
    {
        get
        {
            var alternatives = Certificate?.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
            string[] names = alternatives is null ? [] : [.. alternatives.EnumerateDnsNames(), .. alternatives.EnumerateIPAddresses().Select(a => a.ToString())];
            return names.Length > 0 ? string.Join(", ", names) : Certificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? "nobody";
        }
    }

    /// <summary>Reads a host's files.</summary>
    /// <returns>What was read; null where it can't be.</returns>
    public static async Task<TlsCredentials?> ReadAsync(IHostShell shell, string directory, bool isServer, CancellationToken cancellationToken)
    {
        var role = isServer ? "server" : "client";
        var result = await shell.RunAsync(["sh", "-c", Script, "sh", directory, role], cancellationToken).ConfigureAwait(false);
        return result is { ExitCode: 0, Output: var text } ? Parse(directory, isServer, text) : null;
    }

    /// <summary>Whether the host's own certificate is for a name, as GnuTLS sees it.</summary>
    public bool Matches(string name) => Certificate?.MatchesHostname(name) == true;

    /// <summary>Whether another host's authority has issued this host's certificate.</summary>
    public bool IsIssuedBy(TlsCredentials other)
    {
        if (Certificate is null)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(other._authorities);
        chain.ChainPolicy.ExtraStore.AddRange(_authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.Build(Certificate);

        // An intermediate authority is enough of a root for GnuTLS. Whether certificates are in time is judged elsewhere.
        return chain.ChainStatus.All(s => s.Status is X509ChainStatusFlags.NotTimeValid or X509ChainStatusFlags.PartialChain)
            && (chain.ChainStatus.All(s => s.Status != X509ChainStatusFlags.PartialChain)
                || chain.ChainElements.Any(e => other._authorities.Any(a => a.RawDataMemory.Span.SequenceEqual(e.Certificate.RawDataMemory.Span))));
    }

    /// <summary>What was found.</summary>
    public override string ToString() => Missing is { } file ? $"no {file}" : $"certificate for {Names}, until {Expiry}";

    private static TlsCredentials? Parse(string directory, bool isServer, string text)
    {
        if (text.StartsWith($"missing {directory}", StringComparison.Ordinal))
        {
            return new(directory, directory, [], null);
        }

        var parts = text.Split(["authority\n", "own\n", "end\n"], StringSplitOptions.None);
        if (parts.Length < 3 || text.Contains("hidden ", StringComparison.Ordinal))
        {
            return null;
        }

        // A source without a certificate of its own is refused only by a destination that asks for one: that is not for this file to know.
        var missing = parts[0].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l["missing ".Length..])
            .FirstOrDefault(f => isServer || f is "ca-cert.pem");
        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(parts[1]);
            var own = new X509Certificate2Collection();
            own.ImportFromPem(parts[2]);
            return new(directory, missing, authorities, own.Count > 0 ? own[0] : null);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
