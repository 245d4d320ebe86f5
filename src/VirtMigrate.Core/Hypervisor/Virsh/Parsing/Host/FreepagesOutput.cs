using System.Text.RegularExpressions;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>
/// Reads the output of <c>freepages</c>: of one cell and size a line, such as <c>2048KiB: 17</c>; of all of them such lines between a line
/// such as <c>Node 0:</c> and an empty one.
/// </summary>
internal static partial class FreepagesOutput
{
    private const string What = "numbers of free pages";

    /// <summary>Reads the output of <c>freepages --all</c>.</summary>
    /// <param name="text">The output.</param>
    /// <returns>How many are free, by the cell's number and the size in KiB.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlyDictionary<(int Cell, long Kibibytes), long> ReadAll(string text)
    {
        var counts = new Dictionary<(int, long), long>();
        int? cell = null;

        // The empty line after the last cell is no end of a text to others.
        foreach (var line in text.Length == 0 ? [] : VirshText.Lines(text + "end\n", What))
        {
            if (cell is not { } current)
            {
                cell = Node().Match(line) is { Success: true } node ? (int)VirshText.Number(node.Groups["cell"].Value, What, int.MaxValue)
                    : line is "end" ? -1
                    : throw new VirshOutputException(What, line);
            }
            else if (line.Length == 0)
            {
                cell = null;
            }
            else if (ReadLine(line) is var (size, count) && !counts.TryAdd((current, size), count))
            {
                throw new VirshOutputException(What, line);
            }
        }

        return counts;
    }

    /// <summary>Reads the output of <c>freepages --cellno --pagesize</c>.</summary>
    /// <param name="text">The output.</param>
    /// <param name="kibibytes">The size of the pages that were asked about.</param>
    /// <returns>How many are free.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static long Read(string text, long kibibytes) =>
        ReadLine(VirshText.Line(text, What)) is var (size, count) && size == kibibytes ? count : throw new VirshOutputException(What, text);

    private static (long Size, long Count) ReadLine(string line) => Pages().Match(line) is { Success: true } pages
        ? (VirshText.Number(pages.Groups["size"].Value, What, uint.MaxValue), VirshText.Number(pages.Groups["count"].Value, What))
        : throw new VirshOutputException(What, line);

    [GeneratedRegex(@"^Node (?<cell>[0-9]{1,10}):\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Node();

    [GeneratedRegex(@"^(?<size>[0-9]{1,10})KiB: (?<count>[0-9]{1,20})\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pages();
}
