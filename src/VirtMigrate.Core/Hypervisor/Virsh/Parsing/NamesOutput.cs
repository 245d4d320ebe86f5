namespace VirtMigrate.Hypervisor.Virsh.Parsing;

/// <summary>Reads listings of a name a line (<c>nodedev-list</c>, <c>snapshot-list --name</c>).</summary>
internal static class NamesOutput
{
    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The names in their order, each once.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlyList<string> Read(string text)
    {
        const string What = "a list of different names";
        var names = VirshText.Lines(text, What);
        return names.All(n => n.Length > 0) && names.Distinct(StringComparer.Ordinal).Count() == names.Count
            ? names
            : throw new VirshOutputException(What, text);
    }
}
