using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Asks for statistics of VMs, passing over what would have to wait for a VM's job lock, where the driver can.</summary>
internal sealed class VirshStatistics(IVirsh virsh)
{
    private const string What = "statistics of VMs";
    private const string Begin = "Domain: '";
    private const string Indent = "  ";

    // Not every driver knows the flag; the first refusal is remembered.
    private volatile bool _waits;

    /// <summary>The command whose answer <see cref="TakeAsync"/> takes.</summary>
    public IReadOnlyList<string> Command(params IReadOnlyList<string> options) =>
        _waits ? ["domstats", "--raw", .. options] : ["domstats", "--raw", "--nowait", .. options];

    /// <summary>Takes statistics that were asked for together with other things.</summary>
    public async Task<IReadOnlyList<VmRecord>> TakeAsync(VirshResult answer, IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        if (!answer.IsUnknownFlag)
        {
            return Parse(answer.OutputOrThrow());
        }

        _waits = true;
        return Parse(await virsh.RunAsync(Command(options), cancellationToken).ConfigureAwait(false));
    }

    public async Task<IReadOnlyList<VmRecord>> ReadAsync(IReadOnlyList<string> options, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([Command(options)], cancellationToken).ConfigureAwait(false);
        return await TakeAsync(answers[0], options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Parses <c>domstats --raw</c>: for each VM its name and a statistic a line, with an empty line between VMs.</summary>
    /// <remarks>
    /// A VM's name has no line feed in it, but a path may. Then there is a line that can't be a statistic, or one that comes a second
    /// time or out of its group's place, and all of it is refused.
    /// </remarks>
    public static IReadOnlyList<VmRecord> Parse(string text)
    {
        var lines = VirshOutput.Lines(text, What);
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
            ? VirshOutput.Parameter(line[Indent.Length..end], line[(end + 1)..])
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

/// <summary>What <c>domstats</c> printed of one VM.</summary>
/// <param name="Name">The VM's name.</param>
/// <param name="Values">Its statistics, in libvirt's order.</param>
internal sealed record VmRecord(string Name, IReadOnlyList<TypedParameter> Values);
