namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads the output of <c>nodememstats</c>: a figure a line, in KiB.</summary>
internal static class NodememstatsOutput
{
    private const string What = "memory statistics";
    private const string Unit = " KiB";

    // What a host can give at once; every driver that tells any of it tells all.
    private static readonly string[] Available = ["free", "buffers", "cached"];

    /// <summary>Reads how much memory is free or can be freed at once.</summary>
    /// <param name="text">The output.</param>
    /// <returns>Bytes.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static long ReadAvailable(string text)
    {
        var figures = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var line in VirshText.Lines(text, What))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !line.EndsWith(Unit, StringComparison.Ordinal) || colon + 1 > line.Length - Unit.Length
                || !figures.TryAdd(line[..colon].TrimEnd(' '), Kibibytes(line[(colon + 1)..^Unit.Length])))
            {
                throw new VirshOutputException(What, line);
            }
        }

        return Array.TrueForAll(Available, figures.ContainsKey)
            ? VirshText.Bytes(Available.Sum(a => figures[a]))
            : throw new VirshOutputException($"{What} with {string.Join(", ", Available)}", text);
    }

    // Small enough for the sum of a few.
    private static long Kibibytes(string text) => VirshText.Number(text.AsSpan().TrimStart(' '), "a size in KiB", long.MaxValue / 1024 / 4);
}
