using System.Globalization;
using System.Text.RegularExpressions;

namespace VirtMigrate;

/// <summary>
/// Names a host: a libvirt URI, or a bare <c>host</c>, <c>user@host</c> or <c>user@host:port</c>, which mean
/// <c>qemu+ssh://…/system</c>.
/// </summary>
public sealed partial record HostAddress
{
    private HostAddress(string uri) => Uri = uri;

    /// <summary>The libvirt URI as the user gave it, or as it follows from the bare host.</summary>
    public string Uri { get; }

    /// <summary>The address of a host that nobody here knows, such as the destination of another client's migration.</summary>
    internal static HostAddress Unknown { get; } = new("unknown:///");

    /// <summary>
    /// The URI to open. Over ssh it says that nobody sits at a terminal, so that ssh fails where it would ask
    /// a question into the middle of a session (BatchMode=yes).
    /// </summary>
    public string ConnectUri => !IsOpenSsh || Uri.Contains("no_tty=", StringComparison.Ordinal)
        ? Uri
        : Uri + (Uri.Contains('?', StringComparison.Ordinal) ? "&" : "?") + "no_tty=1";

    /// <summary>The host's part of the URI; empty where the URI names this machine.</summary>
    public string HostName => System.Uri.TryCreate(Uri, UriKind.Absolute, out var uri) ? uri.Host : string.Empty;

    /// <summary>The way to the host: <c>ssh</c>, <c>tls</c>, <c>tcp</c>, <c>unix</c> and so on; empty where the URI leaves it to libvirt.</summary>
    public string Transport
    {
        get
        {
            var scheme = Uri[..Uri.IndexOf(':', StringComparison.Ordinal)];
            var plus = scheme.IndexOf('+', StringComparison.Ordinal);
            return plus < 0 ? string.Empty : scheme[(plus + 1)..];
        }
    }

    /// <summary>Whether it leads over ssh: by the ssh program, or by one of the libraries that libvirt can be built with.</summary>
    internal bool IsOverSsh => Transport is "ssh" or "libssh" or "libssh2";

    /// <summary>The parameters of the URI by name; of one that is given twice the first.</summary>
    internal IReadOnlyDictionary<string, string> Parameters
    {
        get
        {
            var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var pair in new System.Uri(Uri).Query.TrimStart('?').Split(['&', ';'], StringSplitOptions.RemoveEmptyEntries))
            {
                var parts = pair.Split('=', 2);
                parameters.TryAdd(System.Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? System.Uri.UnescapeDataString(parts[1]) : string.Empty);
            }

            return parameters;
        }
    }

    private bool IsOpenSsh => string.Equals(Transport, "ssh", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads an address.</summary>
    /// <param name="text">A libvirt URI or a bare host.</param>
    /// <returns>The address.</returns>
    /// <exception cref="FormatException">The text names no host.</exception>
    public static HostAddress Parse(string text) =>
        TryParse(text) ?? throw new FormatException($"'{text}' is neither a libvirt URI nor a host name.");

    /// <summary>Reads an address, if a text is one.</summary>
    /// <param name="text">A libvirt URI, a bare host, or anything else.</param>
    /// <returns>The address; null where the text names no host.</returns>
    public static HostAddress? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        text = text.Trim();
        if (text.Contains("://", StringComparison.Ordinal))
        {
            return System.Uri.TryCreate(text, UriKind.Absolute, out _) ? new(text) : null;
        }

        var bare = BareHost().Match(text);
        return bare.Success && !IsBadPort(bare.Groups["port"].Value) ? new($"qemu+ssh://{text}/system") : null;
    }

    /// <summary>The URI.</summary>
    /// <returns><see cref="Uri"/>.</returns>
    public override string ToString() => Uri;

    private static bool IsBadPort(string port) =>
        port.Length > 0 && !(ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0);

    // A host or user that begins with a dash would read as an option on a command line.
    [GeneratedRegex(@"^(?:(?!-)[^@/?#:\s]+@)?(?:(?![-.])[\p{L}\p{N}._-]+|\[[0-9A-Fa-f:.]+\])(?::(?<port>[0-9]+))?$",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex BareHost();
}
