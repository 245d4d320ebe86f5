using System.Text;
using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Virsh;

/// <summary>
/// Reads a host's storage: its pools in two runs of virsh, the paths of a pool's volumes in two, the volumes in one more, a volume in one.
/// </summary>
internal sealed class VirshStorageReader(IVirsh virsh)
{
    // virErrorDomain of the storage driver.
    private const int StorageDomain = 18;

    private const string Pools = "a list of storage pools";
    private const string Volumes = "a list of volumes";
    private const int PoolNameLength = 20;
    private const string Gap = "   ";

    // What stands for the path of a volume that went away while it was listed.
    private const string GonePath = "unknown";

    /// <summary>Reads all pools.</summary>
    public Task<IReadOnlyList<StoragePool>> ListPoolsAsync(CancellationToken cancellationToken) =>
        virsh.ReadAllAsync("pool", "pool", StoragePool.Read, cancellationToken);

    /// <summary>Lists the paths of a pool's volumes.</summary>
    public async Task<IReadOnlySet<string>> ListVolumePathsAsync(string name, bool refresh, CancellationToken cancellationToken)
    {
        var pools = await virsh.RunAsync(["pool-list", "--all", "--uuid", "--name"], cancellationToken).ConfigureAwait(false);
        var pool = FindPool(pools, name) ?? throw NoPool(name);
        IReadOnlyList<string>[] commands = [["pool-dumpxml", pool.ToString()], ["vol-list", pool.ToString()]];
        var answers = await virsh.RunManyAsync(
            refresh ? [["pool-refresh", pool.ToString()], .. commands] : commands, cancellationToken).ConfigureAwait(false);
        if (refresh)
        {
            _ = answers[0].OutputOrThrow();
        }

        // The list can't tell a name with spaces at its end from one without.
        return VirshOutput.Xml(answers[^2].OutputOrThrow(), "pool", x => (string?)x.Element("name")) is { } found && found.Equals(name, StringComparison.Ordinal)
            ? ParsePaths(answers[^1].OutputOrThrow())
            : throw NoPool(name);
    }

    /// <summary>Reads a pool's volumes, as the pool knows them.</summary>
    public async Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string name, CancellationToken cancellationToken)
    {
        string[] paths = [.. await ListVolumePathsAsync(name, refresh: false, cancellationToken).ConfigureAwait(false)];
        var answers = await virsh.RunManyAsync([.. paths.Select(DumpVolume)], cancellationToken).ConfigureAwait(false);
        return [.. VirshResult.TakeUnlessGone(paths, answers).Select(v => VirshOutput.Xml(v.Output, "volume", x => StorageVolume.Read(v.Asked, name, x)))];
    }

    /// <summary>Finds a volume.</summary>
    public async Task<StorageVolume?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([DumpVolume(path), ["vol-pool", "--vol", path]], cancellationToken).ConfigureAwait(false);
        if (Array.Exists([.. answers], a => a.IsGone))
        {
            return null;
        }

        var pool = VirshOutput.Line(answers[1].OutputOrThrow(), "a storage pool's name");
        return VirshOutput.Xml(answers[0].OutputOrThrow(), "volume", x => StorageVolume.Read(path, pool, x));
    }

    private HypervisorException NoPool(string name) => new(
        new(LibvirtErrorCode.NoStoragePool, StorageDomain, $"Storage pool not found: no storage pool with matching name '{name}'") { Level = 2 },
        virsh.Address);

    private static string[] DumpVolume(string path) => ["vol-dumpxml", "--vol", path];

    /// <summary>
    /// Finds a pool's UUID in <c>pool-list --uuid --name</c>: a UUID, a space and the name, filled up to 20 bytes, a line. Two pools that
    /// this may be are an error.
    /// </summary>
    public static Guid? FindPool(string text, string name)
    {
        var filled = name + new string(' ', Math.Max(0, PoolNameLength - Encoding.UTF8.GetByteCount(name)));
        Guid? found = null;
        foreach (var line in VirshOutput.Lines(text, Pools))
        {
            if (line.Length < VirshOutput.UuidLength + 2 || line[VirshOutput.UuidLength] != ' ')
            {
                throw new VirshOutputException(Pools, line);
            }

            var uuid = VirshOutput.Uuid(line.AsSpan(0, VirshOutput.UuidLength));
            if (line.AsSpan(VirshOutput.UuidLength + 1).SequenceEqual(filled))
            {
                found = found is null ? uuid : throw new VirshOutputException($"{Pools} with different names", text);
            }
        }

        return found;
    }

    /// <summary>Parses the paths of <c>vol-list</c>: a table of names and paths, without its header.</summary>
    /// <remarks>
    /// Nothing but three spaces or more stands between the two, and both may have such in them. In nearly all kinds of pools the path
    /// ends in the name, which tells where it begins.
    /// </remarks>
    public static IReadOnlySet<string> ParsePaths(string text) =>
        VirshOutput.Lines(text, Volumes).Select(ParsePath).Where(p => p is not GonePath).ToHashSet(StringComparer.Ordinal);

    private static string ParsePath(string line)
    {
        if (line.Length < 2 || line[0] != ' ')
        {
            throw new VirshOutputException(Volumes, line);
        }

        // A path may begin with a space, as little as that is likely; so every place in a gap may be its end.
        List<(string Name, string Path)> splits = [];
        for (var gap = line.IndexOf(Gap, 2, StringComparison.Ordinal); gap >= 0; gap = line.IndexOf(Gap, gap + 1, StringComparison.Ordinal))
        {
            var path = line[(gap + Gap.Length)..];
            if (path.Length > 0 && path[0] != ' ')
            {
                splits.Add((line[1..(gap + Gap.Length)].TrimEnd(' '), path));
            }
        }

        if (splits is [var only])
        {
            return VirshOutput.Cell(only.Path);
        }

        var named = splits.FindAll(s => s.Path.EndsWith("/" + s.Name, StringComparison.Ordinal));
        return named is [var one] ? VirshOutput.Cell(one.Path) : throw new VirshOutputException(Volumes, line);
    }
}
