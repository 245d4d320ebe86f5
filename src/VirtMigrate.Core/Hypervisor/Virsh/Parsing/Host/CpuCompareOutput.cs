using VirtMigrate.Hypervisor.Inspection;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads the output of <c>hypervisor-cpu-compare</c>: one sentence.</summary>
internal static class CpuCompareOutput
{
    private static readonly (string Words, CpuComparisonResult Result)[] Verdicts =
    [
        (" is incompatible with the CPU provided by hypervisor on the host", CpuComparisonResult.Incompatible),
        (" is identical to the CPU provided by hypervisor on the host", CpuComparisonResult.Identical),
        ("The CPU provided by hypervisor on the host is a superset of CPU described in ", CpuComparisonResult.Superset),
    ];

    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <param name="file">The file that the guest's processor was read from.</param>
    /// <returns>The verdict.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static CpuComparisonResult Read(string text, string file)
    {
        const string What = "a comparison of processors";
        var line = VirshText.Line(text, What);
        foreach (var (words, result) in Verdicts)
        {
            if (line.Equals(words[0] == ' ' ? $"CPU described in {file}{words}" : words + file, StringComparison.Ordinal))
            {
                return result;
            }
        }

        throw new VirshOutputException(What, line);
    }
}
