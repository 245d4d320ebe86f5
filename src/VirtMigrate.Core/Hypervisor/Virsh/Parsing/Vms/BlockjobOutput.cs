using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>Reads the output of <c>blockjob --raw</c>: nothing where no job runs, or four lines.</summary>
internal static class BlockjobOutput
{
    private const string What = "a block job";

    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <param name="target">The disk's target.</param>
    /// <returns>The job; null where none runs.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static BlockJob? Read(string text, string target)
    {
        if (text.Length == 0)
        {
            return null;
        }

        var lines = VirshText.Lines(text, What);
        if (lines.Count != 4)
        {
            throw new VirshOutputException(What, text);
        }

        // A word that is not known here is one of a later virsh; without one virsh prints what its C library makes of no text.
        var operation = Value(lines[0], " type=");
        _ = VirshText.Number(Value(lines[1], " bandwidth="), "a bandwidth");
        return new(
            target,
            operation is "" or "(null)" ? BlockJob.Describe(0) : operation,
            VirshText.Number(Value(lines[2], " cur="), "a position"),
            VirshText.Number(Value(lines[3], " end="), "a position"));
    }

    private static string Value(string line, string begin) =>
        line.StartsWith(begin, StringComparison.Ordinal) ? line[begin.Length..] : throw new VirshOutputException(What, line);
}
