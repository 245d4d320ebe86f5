using System.Globalization;
using System.Text.RegularExpressions;
using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Reads what a VM's jobs are doing and did (domcontrol, domjobinfo, blockjob).</summary>
internal sealed partial class VirshJobs(IVirsh virsh)
{
    private const int NoJob = 0;
    private const string ControlState = "the state of a VM's interface";
    private const string BlockJobText = "a block job";
    private const string TypeLabel = "Job type: ";
    private const string Separator = ": ";

    // The one value that is a text, and so may have several lines.
    private const string ErrorMessage = "errmsg";

    // Every look by anybody takes the lock for a moment; only one that is held for longer is worth avoiding.
    private const int Looks = 5;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads the present job, unless somebody else holds the VM's job lock.</summary>
    public async Task<JobReading> ReadPresentAsync(Guid vm, CancellationToken cancellationToken)
    {
        if (!await IsFreeAsync(vm, cancellationToken).ConfigureAwait(false))
        {
            return new(null, IsHidden: true);
        }

        try
        {
            return new(await ReadAsync(["domjobinfo", "--rawstats", $"{vm}"], cancellationToken).ConfigureAwait(false));
        }
        catch (HypervisorNotSupportedException)
        {
            return new(null, IsIncoming: true);
        }
        catch (VmBusyException)
        {
            return new(null, IsHidden: true);
        }
        catch (HypervisorException e) when (e.Error?.Code == LibvirtErrorCode.OperationInvalid)
        {
            return new(null);
        }
    }

    /// <summary>Reads the statistics of the last job that ended, and leaves it there for others.</summary>
    public async Task<JobStatistics?> ReadCompletedAsync(Guid vm, CancellationToken cancellationToken)
    {
        try
        {
            return await ReadAsync(["domjobinfo", "--completed", "--keep-completed", "--rawstats", $"{vm}"], cancellationToken).ConfigureAwait(false);
        }
        catch (HypervisorException e) when (e is HypervisorNotSupportedException || e.Error?.Code == LibvirtErrorCode.OperationInvalid)
        {
            return null;
        }
    }

    /// <summary>Reads the block jobs on some disks; null when the VM's job lock is held by somebody else.</summary>
    public async Task<IReadOnlyList<BlockJob>?> ReadBlockJobsAsync(Guid vm, IReadOnlyCollection<string> targets, CancellationToken cancellationToken)
    {
        if (!await IsFreeAsync(vm, cancellationToken).ConfigureAwait(false))
        {
            return null;
        }

        var answers = await virsh.RunManyAsync(
            [.. targets.Select(t => (string[])["blockjob", "--raw", "--domain", vm.ToString(), "--path", t])], cancellationToken).ConfigureAwait(false);

        // A VM that stopped meanwhile has no block jobs any more.
        return
        [
            .. targets.Zip(answers).Where(a => a.Second.Error?.Error?.Code != LibvirtErrorCode.OperationInvalid)
                .Select(a => ParseBlockJob(a.Second.OutputOrThrow(), a.First)).OfType<BlockJob>(),
        ];
    }

    /// <summary>Parses <c>domjobinfo --rawstats</c>: the virDomainJobType, and the job's statistics.</summary>
    public static (int Type, IReadOnlyList<TypedParameter> Values) ParseStatistics(string output)
    {
        var lines = output.Split('\n');
        return lines is [var first, "", .. var rest] && first.StartsWith(TypeLabel, StringComparison.Ordinal)
            && int.TryParse(first[TypeLabel.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var type)
            && rest is [.. var values, ""]
            ? (type, ParseValues(values))
            : throw new VirshOutputException("a job's statistics", output);
    }

    /// <summary>Parses the lines of a job's statistics, without what they are indented by.</summary>
    public static IReadOnlyList<TypedParameter> ParseValues(IEnumerable<string> lines)
    {
        var values = new List<TypedParameter>();
        foreach (var line in lines)
        {
            var end = line.IndexOf(Separator, StringComparison.Ordinal);
            if (end > 0 && IsName(line.AsSpan(0, end)))
            {
                var value = VirshOutput.Parameter(line[..end], line[(end + Separator.Length)..]);
                if (values.Exists(v => v.Name.Equals(value.Name, StringComparison.Ordinal)) || (value.Number is null && !IsMessage(value) && !IsFraction(value.Text!)))
                {
                    throw new VirshOutputException("a value of a job's statistics", line);
                }

                values.Add(IsMessage(value) ? value with { Number = null } : value);
            }
            else if (values is [.., { Name: ErrorMessage } message])
            {
                values[^1] = message with { Text = message.Text + "\n" + line };
            }
            else if (line.Length > 0)
            {
                throw new VirshOutputException("a line of a job's statistics", line);
            }
        }

        return values;
    }

    /// <summary>Parses <c>blockjob --raw</c>: nothing where no job runs, or four lines.</summary>
    public static BlockJob? ParseBlockJob(string text, string target)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var lines = VirshOutput.Lines(text, BlockJobText);
        if (lines.Count != 4)
        {
            throw new VirshOutputException(BlockJobText, text);
        }

        // A word that is not known here is one of a later virsh; without one virsh prints what its C library makes of no text.
        var operation = BlockJobValue(lines[0], " type=");
        _ = VirshOutput.Number(BlockJobValue(lines[1], " bandwidth="), "a bandwidth");
        return new(
            target,
            operation is "" or "(null)" ? BlockJob.Describe(0) : operation,
            VirshOutput.Number(BlockJobValue(lines[2], " cur="), "a position"),
            VirshOutput.Number(BlockJobValue(lines[3], " end="), "a position"));
    }

    /// <summary>Parses <c>domcontrol</c>: whether a call that needs the VM's job lock would be answered at once.</summary>
    public static bool ParseIsFree(string text) => VirshOutput.Line(text, ControlState) switch
    {
        "ok" => true,
        var line when TakenLine().IsMatch(line) => false,
        var line => throw new VirshOutputException(ControlState, line),
    };

    /// <summary>Whether a call that takes a VM's job lock would be answered at once (virDomainGetControlInfo).</summary>
    private async Task<bool> IsFreeAsync(Guid vm, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> command = ["domcontrol", vm.ToString()];
        for (var look = 0; look < Looks; look++)
        {
            // A driver without control information has no such lock either.
            var answers = await virsh.RunManyAsync([command], cancellationToken).ConfigureAwait(false);
            if (answers[0].Error is not null || ParseIsFree(answers[0].Output))
            {
                return true;
            }

            await Task.Delay(BetweenLooks, cancellationToken).ConfigureAwait(false);
        }

        return false;
    }

    private async Task<JobStatistics?> ReadAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var (type, values) = ParseStatistics(await virsh.RunAsync(command, cancellationToken).ConfigureAwait(false));
        return type == NoJob ? null : JobStatisticsReader.Read(type, values);
    }

    private static bool IsMessage(TypedParameter value) => value.Name.Equals(ErrorMessage, StringComparison.Ordinal);

    private static bool IsFraction(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static bool IsName(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.'))
            {
                return false;
            }
        }

        return true;
    }

    private static string BlockJobValue(string line, string begin) =>
        line.StartsWith(begin, StringComparison.Ordinal) ? line[begin.Length..] : throw new VirshOutputException(BlockJobText, line);

    [GeneratedRegex(@"^((background job|occupied) \(\d+\.\d{3}s\)|error(: [^\n]+)?)\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex TakenLine();
}
