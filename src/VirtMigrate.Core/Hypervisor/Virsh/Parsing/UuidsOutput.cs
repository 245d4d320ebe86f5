namespace VirtMigrate.Hypervisor.Virsh.Parsing;

/// <summary>Reads the output of listings with <c>--uuid</c>: a UUID a line.</summary>
internal static class UuidsOutput
{
    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The UUIDs in their order, each once.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlyList<Guid> Read(string text)
    {
        // pool-list fills them up to their width, which they have.
        var uuids = VirshText.Lines(text, "a list of UUIDs").Select(l => VirshText.Uuid(l)).ToList();
        return uuids.Distinct().Count() == uuids.Count ? uuids : throw new VirshOutputException("a list of different UUIDs", text);
    }
}
