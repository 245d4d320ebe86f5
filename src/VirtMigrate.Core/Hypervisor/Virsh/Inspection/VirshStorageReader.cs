using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Hypervisor.Virsh.Parsing;
using VirtMigrate.Hypervisor.Virsh.Parsing.Host;

namespace VirtMigrate.Hypervisor.Virsh.Inspection;

/// <summary>
/// Reads a host's storage: its pools in two runs of virsh, the paths of a pool's volumes in two, the volumes in one more, a volume in one.
/// </summary>
/// <param name="virsh">The host's virsh.</param>
internal sealed class VirshStorageReader(IVirsh virsh)
{
    // virErrorDomain of the storage driver.
    private const int StorageDomain = 18;

    /// <summary>Reads all pools.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The pools.</returns>
    public async Task<IReadOnlyList<StoragePool>> ListPoolsAsync(CancellationToken cancellationToken)
    {
        var lists = await virsh.RunManyAsync([["pool-list", "--uuid"], ["pool-list", "--uuid", "--all"]], cancellationToken).ConfigureAwait(false);
        HashSet<Guid> active = [.. UuidsOutput.Read(lists[0].Take())];
        var pools = UuidsOutput.Read(lists[1].Take());
        if (pools.Count == 0)
        {
            return [];
        }

        var answers = await virsh.RunManyAsync([.. pools.Select(Dumpxml)], cancellationToken).ConfigureAwait(false);
        return
        [
            .. VirshRefusal.TakeUnlessGone(pools, answers)
                .Select(p => XmlOutput.Read(p.Output, "pool", x => XmlOutput.Uuid(x) == p.Asked ? StoragePool.Read(x, active.Contains(p.Asked)) : null))
                .OfType<StoragePool>(),
        ];
    }

    /// <summary>Lists the paths of a pool's volumes.</summary>
    /// <param name="name">The pool; it is looked for on this side.</param>
    /// <param name="refresh">Whether the host looks at the pool's content again.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The paths.</returns>
    public async Task<IReadOnlySet<string>> ListVolumePathsAsync(string name, bool refresh, CancellationToken cancellationToken)
    {
        var pools = await virsh.RunAsync(["pool-list", "--all", "--uuid", "--name"], cancellationToken).ConfigureAwait(false);
        var pool = PoolListOutput.Find(pools, name) ?? throw NoPool(name);
        IReadOnlyList<string>[] commands = [Dumpxml(pool), ["vol-list", pool.ToString()]];
        var answers = await virsh.RunManyAsync(
            refresh ? [["pool-refresh", pool.ToString()], .. commands] : commands, cancellationToken).ConfigureAwait(false);
        if (refresh)
        {
            _ = answers[0].Take();
        }

        // The list can't tell a name with spaces at its end from one without.
        return XmlOutput.Read(answers[^2].Take(), "pool", x => (string?)x.Element("name")) is { } found && found.Equals(name, StringComparison.Ordinal)
            ? VolListOutput.ReadPaths(answers[^1].Take())
            : throw NoPool(name);
    }

    /// <summary>Reads a pool's volumes, as the pool knows them.</summary>
    /// <param name="name">The pool.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The volumes.</returns>
    public async Task<IReadOnlyList<StorageVolume>> ListVolumesAsync(string name, CancellationToken cancellationToken)
    {
        string[] paths = [.. await ListVolumePathsAsync(name, refresh: false, cancellationToken).ConfigureAwait(false)];
        if (paths.Length == 0)
        {
            return [];
        }

        var answers = await virsh.RunManyAsync([.. paths.Select(DumpVolume)], cancellationToken).ConfigureAwait(false);
        return [.. VirshRefusal.TakeUnlessGone(paths, answers).Select(v => XmlOutput.Read(v.Output, "volume", x => StorageVolume.Read(v.Asked, name, x)))];
    }

    /// <summary>Finds a volume.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The volume; null where no active pool has it.</returns>
    public async Task<StorageVolume?> FindAsync(string path, CancellationToken cancellationToken)
    {
        var answers = await virsh.RunManyAsync([DumpVolume(path), ["vol-pool", "--vol", path]], cancellationToken).ConfigureAwait(false);
        if (Array.Exists([.. answers], a => VirshRefusal.IsGone(a.Error)))
        {
            return null;
        }

        var pool = VirshText.Line(answers[1].Take(), "a storage pool's name");
        return XmlOutput.Read(answers[0].Take(), "volume", x => StorageVolume.Read(path, pool, x));
    }

    private HypervisorException NoPool(string name) => new(
        new(LibvirtErrorCode.NoStoragePool, StorageDomain, $"Storage pool not found: no storage pool with matching name '{name}'") { Level = 2 },
        virsh.Address);

    private static string[] DumpVolume(string path) => ["vol-dumpxml", "--vol", path];

    private static string[] Dumpxml(Guid pool) => ["pool-dumpxml", pool.ToString()];
}
