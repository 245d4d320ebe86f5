using System.Globalization;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads the output of <c>freepages --cellno --pagesize</c>: one line, such as <c>2048KiB: 17</c>.</summary>
internal static class FreepagesOutput
{
    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <param name="kibibytes">The size of the pages that were asked about.</param>
    /// <returns>How many are free.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static long Read(string text, long kibibytes)
    {
        const string What = "a number of free pages";
        var begin = string.Create(CultureInfo.InvariantCulture, $"{kibibytes}KiB: ");
        var line = VirshText.Line(text, What);
        return line.StartsWith(begin, StringComparison.Ordinal)
            ? VirshText.Number(line.AsSpan(begin.Length), What)
            : throw new VirshOutputException(What, text);
    }
}
