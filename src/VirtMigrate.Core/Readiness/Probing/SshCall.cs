using VirtMigrate.Hypervisor;

namespace VirtMigrate.Readiness.Probing;

/// <summary>The call of ssh with which libvirt reaches a host, by what the address says (virNetSocketNewConnectSSH).</summary>
internal sealed class SshCall
{
    /// <summary>The exit code that is ssh's own: the host was not reached.</summary>
    public const int Failed = 255;

    private readonly Uri _uri;
    private readonly Dictionary<string, string> _parameters;

    private SshCall(Uri uri)
    {
        _uri = uri;
        _parameters = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Split('=', 2)).Where(p => p.Length == 2)
            .GroupBy(p => p[0], StringComparer.Ordinal).ToDictionary(p => p.Key, p => Uri.UnescapeDataString(p.Last()[1]), StringComparer.Ordinal);
    }

    /// <summary>The ssh program.</summary>
    public string Program => _parameters.GetValueOrDefault("command") ?? "ssh";

    /// <summary>Reads an address.</summary>
    /// <param name="address">The address.</param>
    /// <returns>The call; null for an address that goes another way.</returns>
    public static SshCall? Of(HostAddress address) =>
        address.Transport is "ssh" or "libssh" or "libssh2" && Uri.TryCreate(address.Uri, UriKind.Absolute, out var uri) && uri.Host.Length > 0
            ? new(uri)
            : null;

    /// <summary>The arguments.</summary>
    /// <param name="command">What the shell at the other end is to run.</param>
    /// <returns>Words for <see cref="Program"/>.</returns>
    public IReadOnlyList<string> ToArguments(string command)
    {
        List<string> words = [];
        Add(words, _uri.Port > 0, "-p", _uri.Port.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Add(words, _uri.UserInfo.Length > 0, "-l", Uri.UnescapeDataString(_uri.UserInfo.Split(':')[0]));
        Add(words, _parameters.TryGetValue("keyfile", out var key), "-i", key);
        words.AddRange(["-T", "-e", "none", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10"]);
        Add(words, _parameters.GetValueOrDefault("no_verify") is not (null or "0"), "-o", "StrictHostKeyChecking=no");

        // Libvirt's own ssh libraries take the file of known hosts from the address; the ssh program has one in its configuration.
        string? hosts = null;
        Add(words, !_uri.Scheme.EndsWith("+ssh", StringComparison.Ordinal) && _parameters.TryGetValue("known_hosts", out hosts),
            "-o", $"UserKnownHostsFile={hosts}");
        words.AddRange(["--", _uri.DnsSafeHost, command]);
        return words;
    }

    private static void Add(List<string> words, bool when, string option, string? value)
    {
        if (when)
        {
            words.AddRange([option, value!]);
        }
    }
}
