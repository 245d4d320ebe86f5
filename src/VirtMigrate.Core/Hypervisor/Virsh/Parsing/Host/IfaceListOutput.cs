using System.Text.RegularExpressions;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads the output of <c>iface-list</c>: a table of names, states and addresses, without its header.</summary>
internal static partial class IfaceListOutput
{
    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The interfaces' names in their order.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlyList<string> Read(string text)
    {
        const string What = "a list of network interfaces";
        var names = VirshText.Lines(text, What).Select(l => Row().Match(l) is { Success: true } row
            ? TableCell.Decode(row.Groups["name"].Value)
            : throw new VirshOutputException(What, l)).ToList();
        return names.Distinct(StringComparer.Ordinal).Count() == names.Count ? names : throw new VirshOutputException(What, text);
    }

    // No name of an interface has a space in it.
    [GeneratedRegex(@"^ (?<name>[^ ]+) {3,}(active {3,}|inactive {3,})([0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*)?\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();
}
