using System.Text.RegularExpressions;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads <c>virsh version --daemon</c>.</summary>
internal static partial class VersionOutput
{
    private const RegexOptions Options = RegexOptions.Multiline | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant;
    private const int Patience = 1000;

    /// <summary>Reads the output.</summary>
    /// <param name="output">What virsh printed.</param>
    /// <returns>The versions.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static HostVersions Read(string output)
    {
        _ = VirshText.Lines(output, "versions");
        var client = Find(Client(), output) ?? throw new VirshOutputException("the version of virsh's library", output);

        // A driver in virsh's own process, such as the test driver, is no daemon.
        var daemon = Find(Daemon(), output) ?? client;
        var api = Api().Match(output);
        return api.Success
            ? new(client, daemon, api.Groups["name"].Value, Find(Hypervisor(), output))
            : throw new VirshOutputException("the name of a hypervisor", output);
    }

    private static Version? Find(Regex line, string output) =>
        line.Match(output) is { Success: true } match && Version.TryParse(match.Groups["version"].Value, out var version) ? version : null;

    [GeneratedRegex(@"^Using library: libvirt (?<version>\d+\.\d+\.\d+)$", Options, Patience)]
    private static partial Regex Client();

    [GeneratedRegex(@"^Running against daemon: (?<version>\d+\.\d+\.\d+)$", Options, Patience)]
    private static partial Regex Daemon();

    [GeneratedRegex(@"^Using API: (?<name>\S+) \d+\.\d+\.\d+$", Options, Patience)]
    private static partial Regex Api();

    [GeneratedRegex(@"^Running hypervisor: \S+ (?<version>\d+\.\d+\.\d+)$", Options, Patience)]
    private static partial Regex Hypervisor();
}
