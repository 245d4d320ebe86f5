using System.Collections;
using System.Text.RegularExpressions;
using VirtMigrate.Session;

namespace VirtMigrate.Completion;

/// <summary>Completes hosts from those that the session is connected to, without asking any of them.</summary>
public sealed class VmHostCompleter : Completer
{
    /// <summary>Lists the connected hosts.</summary>
    /// <returns>Their names, each with its URI.</returns>
    internal static IEnumerable<(string Name, string ToolTip)> Connected() =>
        ModuleSession.Current.Connections.Opened.Select(c => c.Host).OfType<VmHost>().Select(h => (h.Name, h.Uri));

    private protected override IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound) => Connected();
}

/// <summary>
/// Completes hosts where a command can open one: those that the session is connected to, and those that this machine's settings name.
/// Asks none of them.
/// </summary>
public sealed class HostAddressCompleter : Completer
{
    private protected override IEnumerable<(string Name, string ToolTip)> List(string parameter, IDictionary bound) =>
        [.. VmHostCompleter.Connected(), .. KnownAddresses.List()];
}

/// <summary>Addresses that this machine's own settings name: what a user has written down once need not be typed again.</summary>
internal static partial class KnownAddresses
{
    private static readonly string[] Variables = ["LIBVIRT_DEFAULT_URI", "VIRTMIGRATE_DESTINATION"];

    /// <summary>Lists them: those of the environment, the aliases of libvirt.conf and the hosts of ssh's config.</summary>
    /// <returns>Each address with where it is from.</returns>
    public static IEnumerable<(string Name, string ToolTip)> List()
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var settings = Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData);
        return
        [
            .. Variables.Select(v => (Environment.GetEnvironmentVariable(v) ?? string.Empty, v)).Where(v => v.Item1.Length > 0),
            .. UriAliases(Read(Path.Combine(settings, "libvirt", "libvirt.conf"))),
            .. UriAliases(Read("/etc/libvirt/libvirt.conf")),
            .. SshHosts(Read(Path.Combine(home, ".ssh", "config"))),
        ];
    }

    /// <summary>Reads the aliases of URIs from libvirt's client settings.</summary>
    /// <param name="text">The text of libvirt.conf.</param>
    /// <returns>The URIs, each with its alias.</returns>
    public static IEnumerable<(string Name, string ToolTip)> UriAliases(string text) =>
        AliasList().Match(Comment().Replace(text, string.Empty)) is { Success: true } list
            ? Alias().Matches(list.Groups["list"].Value).Select(m => (m.Groups["uri"].Value, $"{m.Groups["alias"].Value} in libvirt.conf"))
            : [];

    /// <summary>Reads the hosts of ssh's settings, leaving out patterns.</summary>
    /// <param name="text">The text of the file <c>config</c>.</param>
    /// <returns>The hosts, as ssh calls them.</returns>
    public static IEnumerable<(string Name, string ToolTip)> SshHosts(string text) =>
        HostLine().Matches(text)
            .SelectMany(m => m.Groups["names"].Value.Split((char[])[' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Select(n => n.Trim('"'))
            .Where(n => n.Length > 0 && n.All(c => c is not ('*' or '?' or '!')))
            .Select(n => (n, $"qemu+ssh://{n}/system, a host in the ssh config"));

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    [GeneratedRegex(@"^\s*#.*$", RegexOptions.Multiline | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^\s*uri_aliases\s*=\s*\[(?<list>[^\]]*)\]", RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex AliasList();

    [GeneratedRegex("\"(?<alias>[A-Za-z0-9_-]+)=(?<uri>[^\"]+)\"", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex Alias();

    [GeneratedRegex(@"^[ \t]*host(?:[ \t]+|[ \t]*=[ \t]*)(?<names>[^\r\n#]+)", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 200)]
    private static partial Regex HostLine();
}
