using VirtMigrate.Hosts;

namespace VirtMigrate.Readiness;

/// <summary>What libvirt takes for a shared file system, by the kernel's number for its type (virFileIsSharedFS).</summary>
/// <param name="Name">The file system's name.</param>
/// <param name="IsShared">Whether libvirt takes it for shared.</param>
/// <param name="IsCluster">Whether libvirt takes it for coherent between hosts, whatever the cache mode.</param>
internal sealed record FileSystemKind(string Name, bool IsShared, bool IsCluster)
{
    private const string Fuse = "65735546";

    private static readonly Dictionary<string, FileSystemKind> Known = new(StringComparer.OrdinalIgnoreCase)
    {
        ["6969"] = new("nfs", true, false),
        ["7461636f"] = new("ocfs2", true, true),
        ["1161970"] = new("gfs2", true, true),
        ["6b414653"] = new("afs", true, false),
        ["517b"] = new("smb", true, false),
        ["ff534d42"] = new("cifs", true, false),
        ["c36400"] = new("ceph", true, true),
        ["47504653"] = new("gpfs", true, false),
        ["61636673"] = new("acfs", true, false),
    };

    private static readonly Dictionary<string, FileSystemKind> KnownFuse = new(StringComparer.Ordinal)
    {
        ["fuse.glusterfs"] = new("fuse.glusterfs", true, true),
        ["fuse.quobyte"] = new("fuse.quobyte", true, false),
    };

    /// <summary>Asks a host for the file system of a path.</summary>
    /// <returns>The file system; null where the host does not tell.</returns>
    public static async Task<FileSystemKind?> OfAsync(IHostShell shell, string path, CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(["stat", "-f", "-L", "-c", "%t %T", "--", path], cancellationToken).ConfigureAwait(false);
        if (result is not { ExitCode: 0 } || result.Output.Trim().Split(' ', 2) is not [var number, var name])
        {
            return null;
        }

        if (!string.Equals(number, Fuse, StringComparison.OrdinalIgnoreCase))
        {
            return Known.GetValueOrDefault(number) ?? new(name, false, false);
        }

        var mount = await shell.RunAsync(["findmnt", "-n", "-o", "FSTYPE", "-T", path], cancellationToken).ConfigureAwait(false);
        return mount is { ExitCode: 0 } && mount.Output.Trim() is { Length: > 0 } type
            ? KnownFuse.GetValueOrDefault(type) ?? new(type, false, false)
            : null;
    }
}
