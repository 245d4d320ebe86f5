namespace VirtMigrate.Hosts;

/// <summary>A host as ssh reaches it, and its libvirt as a virsh on it does.</summary>
/// <remarks>
/// Of a URI's parameters those count that libvirt itself gives ssh (virNetSocketNewConnectSSH): <c>keyfile</c>, <c>no_verify</c>,
/// <c>command</c> and <c>socket</c>, and <c>known_hosts</c> of libvirt's own ssh libraries. Everything else is as the user's ssh
/// configuration has it.
/// </remarks>
internal sealed class SshTarget
{
    /// <summary>The exit status that is ssh's own: the host was not reached, or was lost.</summary>
    public const int Failed = 255;

    // How long a connection may take to open, and how long a host may be silent: as long as with the other transports.
    private static readonly string[] Always =
    [
        "-o", "BatchMode=yes", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=25", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=5", "-e", "none",
    ];

    // What means something on the machine that the URI was written for only.
    private static readonly string[] OfThisMachine = ["keyfile", "known_hosts", "known_hosts_verify", "command", "pkipath", "no_tty", "sshauth"];

    private readonly List<string> _options = [.. Always];
    private readonly string _host;

    /// <summary>Reads an address.</summary>
    /// <exception cref="HypervisorNotSupportedException">It names no host.</exception>
    public SshTarget(HostAddress address)
    {
        var uri = new Uri(address.Uri);
        _host = uri.DnsSafeHost;
        if (_host.Length == 0)
        {
            throw new HypervisorNotSupportedException($"'{address}' names no host that ssh could reach.", address);
        }

        var parameters = address.Parameters;
        Add("-p", address.IsOverSsh && uri.Port > 0 ? FormattableString.Invariant($"{uri.Port}") : null);
        Add("-l", uri.UserInfo.Length > 0 ? Uri.UnescapeDataString(uri.UserInfo.Split(':')[0]) : null);
        Add("-i", parameters.GetValueOrDefault("keyfile"));
        Add("-o", address.Transport is "libssh" or "libssh2" && parameters.GetValueOrDefault("known_hosts") is { } file
            ? $"UserKnownHostsFile=\"{file.Replace("%", "%%", StringComparison.Ordinal)}\""
            : null);
        Add("-o", parameters.GetValueOrDefault("no_verify") is not (null or "0") ? "StrictHostKeyChecking=no" : null);
        Tool = parameters.GetValueOrDefault("command") ?? "ssh";
        var driver = uri.Scheme.Split('+')[0];
        LibvirtUri = $"{driver}://{uri.AbsolutePath}" + (parameters.GetValueOrDefault("socket") is { } socket ? $"?socket={Uri.EscapeDataString(socket)}" : string.Empty);
    }

    /// <summary>The ssh program.</summary>
    public string Tool { get; }

    /// <summary>The URI of the host's libvirt, on the host.</summary>
    public string LibvirtUri { get; }

    /// <summary>Turns another host's URI into one for a virsh on this host: without what means something on the user's machine only.</summary>
    public static string UriFrom(HostAddress host, HostAddress from)
    {
        if (host.HostName.Length == 0)
        {
            throw new HypervisorNotSupportedException($"virsh on '{from}' can't reach '{host}': that address means whichever host it is used on.", from);
        }

        var uri = host.ConnectUri;
        var query = uri.IndexOf('?', StringComparison.Ordinal);
        if (query < 0)
        {
            return uri;
        }

        string[] kept = [.. uri[(query + 1)..].Split('&').Where(p => !OfThisMachine.Contains(p.Split('=')[0], StringComparer.Ordinal))];
        string[] all = host.ConnectUri.Contains("no_tty=", StringComparison.Ordinal) ? [.. kept, "no_tty=1"] : kept;
        return all.Length == 0 ? uri[..query] : $"{uri[..query]}?{string.Join('&', all)}";
    }

    /// <summary>Makes the ssh command, with further options of ssh, that runs a program with its arguments on the host.</summary>
    public ToolCommand Run(IEnumerable<string> options, IEnumerable<string> words) =>
        new(Tool, [.. _options, .. options, "-T", "--", _host, ShellWord.Join(words)]);

    private void Add(string option, string? value)
    {
        if (value is not null)
        {
            _options.AddRange([option, value]);
        }
    }
}
