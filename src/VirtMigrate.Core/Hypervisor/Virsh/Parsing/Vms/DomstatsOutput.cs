
namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>Reads the output of <c>domstats --raw</c>: for each VM its name and a statistic a line, with an empty line between VMs.</summary>
/// <remarks>
/// A VM's name has no line feed in it, but a path may. Then there is a line that can't be a statistic, or one that comes a second
/// time or out of its group's place, and all of it is refused.
/// </remarks>
internal static class DomstatsOutput
{
    private const string What = "statistics of VMs";
    private const string Begin = "Domain: '";
    private const string Indent = "  ";

    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The VMs in their order.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlyList<VmRecord> Read(string text)
    {
        var lines = VirshText.Lines(text, What);
        var records = new List<VmRecord>();
        for (var i = 0; i < lines.Count; i++)
        {
            var name = ReadName(lines[i]);
            var values = new List<TypedParameter>();
            for (i++; i < lines.Count && lines[i].Length > 0; i++)
            {
                values.Add(ReadValue(lines[i]));
            }

            records.Add(new(name, Check(values)));
        }

        return records.DistinctBy(r => r.Name, StringComparer.Ordinal).Count() == records.Count
            ? records
            : throw new VirshOutputException("statistics of different VMs", text);
    }

    private static string ReadName(string line) =>
        line.Length > Begin.Length + 1 && line.StartsWith(Begin, StringComparison.Ordinal) && line[^1] == '\''
            ? line[Begin.Length..^1]
            : throw new VirshOutputException("a VM's name", line);

    private static TypedParameter ReadValue(string line)
    {
        var end = line.IndexOf('=', StringComparison.Ordinal);
        return line.StartsWith(Indent, StringComparison.Ordinal) && end > Indent.Length && line[Indent.Length..end].All(IsOfName)
            ? VirshStatistic.Read(line[Indent.Length..end], line[(end + 1)..])
            : throw new VirshOutputException("a statistic", line);
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';

    // Libvirt tells one group after the other (qemuDomainGetStatsWorkers), and no statistic twice.
    private static List<TypedParameter> Check(List<TypedParameter> values)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var groups = new HashSet<string>(StringComparer.Ordinal);
        var last = string.Empty;
        foreach (var (name, _, text) in values)
        {
            var group = name.Split('.', 2)[0];
            if (!names.Add(name) || (!group.Equals(last, StringComparison.Ordinal) && !groups.Add(group)))
            {
                throw new VirshOutputException("a statistic in its place", $"{name}={text}");
            }

            last = group;
        }

        return values;
    }
}
