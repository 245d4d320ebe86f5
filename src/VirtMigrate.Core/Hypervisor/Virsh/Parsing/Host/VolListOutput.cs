namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads the output of <c>vol-list</c>: a table of names and paths, without its header.</summary>
/// <remarks>
/// Nothing but three spaces or more stands between the two, and both may have such in them. In nearly all kinds of pools the path
/// ends in the name, which tells where it begins.
/// </remarks>
internal static class VolListOutput
{
    private const string What = "a list of volumes";
    private const string Gap = "   ";

    // What stands for the path of a volume that went away while it was listed.
    private const string Gone = "unknown";

    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The paths.</returns>
    /// <exception cref="VirshOutputException">It is something else, or a path can't be told from it.</exception>
    public static IReadOnlySet<string> ReadPaths(string text) =>
        VirshText.Lines(text, What).Select(ReadPath).Where(p => p is not Gone).ToHashSet(StringComparer.Ordinal);

    private static string ReadPath(string line)
    {
        if (line.Length < 2 || line[0] != ' ')
        {
            throw new VirshOutputException(What, line);
        }

        // A path may begin with a space, as little as that is likely; so every place in a gap may be its end.
        List<(string Name, string Path)> splits = [];
        for (var gap = line.IndexOf(Gap, 2, StringComparison.Ordinal); gap >= 0; gap = line.IndexOf(Gap, gap + 1, StringComparison.Ordinal))
        {
            var path = line[(gap + Gap.Length)..];
            if (path.Length > 0 && path[0] != ' ')
            {
                splits.Add((line[1..(gap + Gap.Length)].TrimEnd(' '), path));
            }
        }

        if (splits is [var only])
        {
            return TableCell.Decode(only.Path);
        }

        var named = splits.FindAll(s => s.Path.EndsWith("/" + s.Name, StringComparison.Ordinal));
        return named is [var one] ? TableCell.Decode(one.Path) : throw new VirshOutputException(What, line);
    }
}
