namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads the output of <c>secret-list</c>: a table of UUIDs and what they are for, without its header.</summary>
internal static class SecretListOutput
{
    private const int UuidLength = 36;

    /// <summary>Reads it.</summary>
    /// <param name="text">The output.</param>
    /// <returns>The UUIDs.</returns>
    /// <exception cref="VirshOutputException">It is something else.</exception>
    public static IReadOnlySet<Guid> Read(string text)
    {
        const string What = "a list of secrets";
        var uuids = new HashSet<Guid>();
        foreach (var line in VirshText.Lines(text, What))
        {
            if (line.Length < UuidLength + 4 || line[0] != ' ' || line[(UuidLength + 1)..(UuidLength + 4)] is not "   "
                || !uuids.Add(VirshText.Uuid(line.AsSpan(1, UuidLength))))
            {
                throw new VirshOutputException(What, line);
            }
        }

        return uuids;
    }
}
