using System.Text;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Host;

/// <summary>Reads the output of <c>pool-list --uuid --name</c>: a UUID, a space and the name, filled up to 20 bytes, a line.</summary>
internal static class PoolListOutput
{
    private const string What = "a list of storage pools";
    private const int UuidLength = 36;
    private const int NameLength = 20;

    /// <summary>Finds a pool.</summary>
    /// <param name="text">The output.</param>
    /// <param name="name">The pool's name.</param>
    /// <returns>The pool's UUID; null where it is not in the list.</returns>
    /// <exception cref="VirshOutputException">It is something else, or has two pools that this may be.</exception>
    public static Guid? Find(string text, string name)
    {
        var filled = name + new string(' ', Math.Max(0, NameLength - Encoding.UTF8.GetByteCount(name)));
        Guid? found = null;
        foreach (var line in VirshText.Lines(text, What))
        {
            if (line.Length < UuidLength + 2 || line[UuidLength] != ' ')
            {
                throw new VirshOutputException(What, line);
            }

            var uuid = VirshText.Uuid(line.AsSpan(0, UuidLength));
            if (line.AsSpan(UuidLength + 1).SequenceEqual(filled))
            {
                found = found is null ? uuid : throw new VirshOutputException($"{What} with different names", text);
            }
        }

        return found;
    }
}
