namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>Reads the output of <c>dominfo</c>: a label of 15 characters, a space and a value a line.</summary>
internal static class DominfoOutput
{
    private const string What = "a description of a VM";
    private const int LabelLength = 15;

    // Libvirt's word for no limit, which is a number to its C API.
    private const long NoLimit = uint.MaxValue;

    // The last line that every VM has; those after it may be anybody's text.
    private const string Last = "Managed save:";

    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The VM.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static VmSummary Read(string text)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in VirshText.Lines(text, What))
        {
            var (label, value) = Split(line);
            if (!values.TryAdd(label, value))
            {
                throw new VirshOutputException(What, line);
            }

            if (label is Last)
            {
                break;
            }
        }

        string Get(string label) => values.TryGetValue(label, out var value) ? value : throw new VirshOutputException($"{What} with '{label}'", text);
        _ = Get(Last);
        var name = Get("Name:");
        return new(
            VirshText.Uuid(Get("UUID:")),
            Get("Id:") is "-" ? null : (int)VirshText.Number(Get("Id:"), "a VM's number", int.MaxValue),
            name.Length > 0 ? name : throw new VirshOutputException(What, text),
            (int)VirshText.Number(Get("CPU(s):"), "a number of processors", int.MaxValue),
            Get("Max memory:") is "no limit" ? VirshText.Bytes(NoLimit) : ReadMemory(Get("Max memory:")),
            ReadMemory(Get("Used memory:")),
            ReadSwitch(Get("Persistent:"), "yes", "no"),
            values.TryGetValue("Autostart:", out var autostart) ? ReadSwitch(autostart, "enable", "disable") : null);
    }

    private static (string Label, string Value) Split(string line) =>
        line.Length > LabelLength && line[LabelLength] == ' ' && line[..LabelLength].TrimEnd(' ') is { Length: > 0 } label && label[^1] == ':'
            ? (label, line[(LabelLength + 1)..])
            : throw new VirshOutputException($"a line of {What}", line);

    private static long ReadMemory(string text) => text.EndsWith(" KiB", StringComparison.Ordinal)
        ? VirshText.Bytes(VirshText.Number(text.AsSpan(0, text.Length - " KiB".Length), "a size in KiB"))
        : throw new VirshOutputException("a size in KiB", text);

    private static bool ReadSwitch(string text, string on, string off) =>
        text.Equals(on, StringComparison.Ordinal) || (text.Equals(off, StringComparison.Ordinal) ? false : throw new VirshOutputException($"'{on}' or '{off}'", text));
}
