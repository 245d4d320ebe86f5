using System.Globalization;
using System.Text.RegularExpressions;

namespace VirtMigrate.Hosts;

/// <summary>What a host's <c>qemu.conf</c> says of migrations. Libvirt tells nobody of it, so that it is read where there is a shell.</summary>
internal sealed partial class QemuSettings
{
    /// <summary>The file that libvirt's daemons read.</summary>
    public const string File = "/etc/libvirt/qemu.conf";

    private const int FirstPortByDefault = 49152;
    private const int LastPortByDefault = 49215;

    private readonly Dictionary<string, string> _values;

    private QemuSettings(Dictionary<string, string> values) => _values = values;

    /// <summary>What holds where nothing is set.</summary>
    public static QemuSettings Default { get; } = new([]);

    /// <summary>The name or address that sources are told to send memory to (migration_host); null for the host's own name.</summary>
    public string? MigrationHost => Text("migration_host");

    /// <summary>The first port that memory comes in at (migration_port_min).</summary>
    public int FirstPort => Number("migration_port_min", FirstPortByDefault);

    /// <summary>The last port that memory comes in at (migration_port_max).</summary>
    public int LastPort => Number("migration_port_max", LastPortByDefault);

    /// <summary>Whether migrations without TLS are refused (migrate_tls_force).</summary>
    public bool IsTlsForced => Number("migrate_tls_force", 0) != 0;

    /// <summary>Where the certificates for migrations are (migrate_tls_x509_cert_dir).</summary>
    public string CertificateDirectory => Text("migrate_tls_x509_cert_dir") ?? Text("default_tls_x509_cert_dir") ?? "/etc/pki/qemu";

    /// <summary>Reads a host's settings.</summary>
    /// <returns>The settings; null where they can't be read.</returns>
    public static async Task<QemuSettings?> ReadAsync(HostFacts host, CancellationToken cancellationToken)
    {
        if (host.Shell is not { } shell || !host.Address.Uri.Contains("/system", StringComparison.Ordinal))
        {
            return null;
        }

        var result = await shell.RunAsync(["cat", File], cancellationToken).ConfigureAwait(false);
        return result switch
        {
            { ExitCode: 0, Output: var text } => Parse(text),
            { Error: var error } when error.Contains("No such file", StringComparison.Ordinal) => Default,
            _ => null,
        };
    }

    /// <summary>Reads settings from the file's text.</summary>
    internal static QemuSettings Parse(string text) => new(Setting().Matches(text)
        .GroupBy(m => m.Groups["name"].Value, StringComparer.Ordinal)
        .ToDictionary(g => g.Key, g => g.Last().Groups["value"].Value.Trim('"', '\''), StringComparer.Ordinal));

    [GeneratedRegex("""^[ \t]*(?<name>[a-z0-9_]+)[ \t]*=[ \t]*(?<value>"[^"\n]*"|'[^'\n]*'|[0-9]+)""",
        RegexOptions.Multiline | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Setting();

    private string? Text(string name) => _values.GetValueOrDefault(name) is { Length: > 0 } text ? text : null;

    private int Number(string name, int otherwise) =>
        int.TryParse(_values.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
