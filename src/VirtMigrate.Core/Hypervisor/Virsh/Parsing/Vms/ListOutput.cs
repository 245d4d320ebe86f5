namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>Reads the output of <c>list --uuid --id --name</c>: these three a line, with a space between them.</summary>
internal static class ListOutput
{
    private const string What = "a list of VMs";
    private const int UuidLength = 36;

    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The VMs in their order.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlyList<ListedVm> Read(string text) => Read(text, ReadVm);

    /// <summary>Reads the output of an older virsh without <c>--id</c>, which fills the names up with spaces.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The VMs in their order, without numbers and without spaces at their names' ends.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlyList<ListedVm> ReadWithoutIds(string text) => Read(text, line =>
        line.Length > UuidLength + 1 && line[UuidLength] == ' ' && line[(UuidLength + 1)..].TrimEnd(' ') is { Length: > 0 } name
            ? new(VirshText.Uuid(line.AsSpan(0, UuidLength)), null, name)
            : throw new VirshOutputException(What, line));

    private static List<ListedVm> Read(string text, Func<string, ListedVm> read)
    {
        var vms = VirshText.Lines(text, What).Select(read).ToList();
        return vms.DistinctBy(v => v.Uuid).Count() == vms.Count && vms.DistinctBy(v => v.Name, StringComparer.Ordinal).Count() == vms.Count
            ? vms
            : throw new VirshOutputException("a list of different VMs", text);
    }

    private static ListedVm ReadVm(string line)
    {
        var id = line.Length > UuidLength && line[UuidLength] == ' ' ? line.AsSpan(UuidLength + 1) : throw new VirshOutputException(What, line);
        var space = id.IndexOf(' ');
        return space > 0 && space + 1 < id.Length
            ? new(VirshText.Uuid(line.AsSpan(0, UuidLength)), ReadId(id[..space]), id[(space + 1)..].ToString())
            : throw new VirshOutputException(What, line);
    }

    private static int? ReadId(ReadOnlySpan<char> text) => text is "-" ? null : (int)VirshText.Number(text, "a VM's number", int.MaxValue);
}
