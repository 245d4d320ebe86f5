using System.Globalization;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>Reads <c>virsh domjobinfo --rawstats</c>: the job's type, and libvirt's account of it.</summary>
internal static class DomjobinfoOutput
{
    private const string TypeLabel = "Job type: ";
    private const string Separator = ": ";

    // The one value that is a text, and so may have several lines.
    private const string ErrorMessage = "errmsg";

    /// <summary>Reads the output.</summary>
    /// <param name="output">What virsh printed.</param>
    /// <returns>The virDomainJobType, and the account's values.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static (int Type, IReadOnlyList<TypedParameter> Values) Read(string output)
    {
        var lines = output.Split('\n');
        return lines is [var first, "", .. var rest] && first.StartsWith(TypeLabel, StringComparison.Ordinal)
            && int.TryParse(first[TypeLabel.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var type)
            && rest is [.. var values, ""]
            ? (type, ReadValues(values))
            : throw new VirshOutputException("a job's account", output);
    }

    /// <summary>Reads the lines of an account.</summary>
    /// <param name="lines">The lines, without what they are indented by.</param>
    /// <returns>The values.</returns>
    /// <exception cref="VirshOutputException">They are something else.</exception>
    public static IReadOnlyList<TypedParameter> ReadValues(IEnumerable<string> lines)
    {
        var values = new List<TypedParameter>();
        foreach (var line in lines)
        {
            var end = line.IndexOf(Separator, StringComparison.Ordinal);
            if (end > 0 && IsName(line.AsSpan(0, end)))
            {
                var value = VirshStatistic.Read(line[..end], line[(end + Separator.Length)..]);
                if (values.Exists(v => v.Name.Equals(value.Name, StringComparison.Ordinal)) || (value.Number is null && !IsMessage(value) && !IsFraction(value.Text!)))
                {
                    throw new VirshOutputException("a value of a job's account", line);
                }

                values.Add(IsMessage(value) ? value with { Number = null } : value);
            }
            else if (values is [.., { Name: ErrorMessage } message])
            {
                values[^1] = message with { Text = message.Text + "\n" + line };
            }
            else if (line.Length > 0)
            {
                throw new VirshOutputException("a line of a job's account", line);
            }
        }

        return values;
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
}
