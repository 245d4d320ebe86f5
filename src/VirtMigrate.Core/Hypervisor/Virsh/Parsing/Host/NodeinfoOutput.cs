using System.Globalization;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads <c>virsh nodeinfo</c>.</summary>
internal static class NodeinfoOutput
{
    private const string Unit = " KiB";

    /// <summary>Reads the output.</summary>
    /// <param name="output">What virsh printed.</param>
    /// <returns>The processors' architecture, their number, and the memory in bytes.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static (string Architecture, int CpuCount, long Memory) Read(string output)
    {
        var memory = Value(output, "Memory size");
        return int.TryParse(Value(output, "CPU(s)"), NumberStyles.None, CultureInfo.InvariantCulture, out var cpus)
            && memory.EndsWith(Unit, StringComparison.Ordinal)
            && long.TryParse(memory[..^Unit.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var kibibytes)
            && kibibytes < long.MaxValue / 1024
            ? (Value(output, "CPU model"), cpus, kibibytes * 1024)
            : throw new VirshOutputException("a host's processors and memory", output);
    }

    private static string Value(string output, string label)
    {
        var lines = VirshText.Lines(output, "a host's processors and memory").Where(l => l.StartsWith(label + ":", StringComparison.Ordinal)).ToArray();
        return lines is [var line] && line[(label.Length + 1)..].Trim() is { Length: > 0 } value
            ? value
            : throw new VirshOutputException($"a host's {label}", output);
    }
}
