using System.Text.RegularExpressions;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>
/// Finds out by what storage is known on a host: by a command there, where the host has a shell for us, and by what its pools tell.
/// </summary>
internal static partial class StorageMarks
{
    // A block device is known by what it is made of; a loop device by the file behind it; a file by its inode and its file system.
    private const string Script = """
        boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
        say() { if [ -n "$2" ]; then printf '%s %s\n' "$1" "$2"; fi; }
        file() {
            number=$(stat -L -c '%d %i' -- "$1" 2>/dev/null) || return 0
            say kernel "$boot file $number"
            say inode "${number#* }"
            say type "$(findmnt -n -r -o FSTYPE -T "$1" 2>/dev/null | tail -n 1)"
            say source "$(findmnt -n -r -o SOURCE -T "$1" 2>/dev/null | tail -n 1)"
        }
        device() {
            number=$(stat -L -c '%t %T' -- "$1" 2>/dev/null) || return 0
            number=$(printf '%d:%d' "0x${number% *}" "0x${number#* }")
            sys=/sys/dev/block/$number
            loop=$(cat "$sys/loop/backing_file" 2>/dev/null)
            if [ -n "$loop" ] && [ -e "$loop" ]; then file "$loop"; return 0; fi
            say kernel "$boot device $number"
            say dm "$(cat "$sys/dm/uuid" 2>/dev/null)"
            whole=$sys
            if [ -e "$sys/partition" ]; then whole=$sys/..; say start "$(cat "$sys/start" 2>/dev/null)"; fi
            say wwid "$(cat "$whole/wwid" "$whole/device/wwid" 2>/dev/null | head -n 1)"
            say serial "$(udevadm info -q property -n "$1" 2>/dev/null | sed -n 's/^ID_SERIAL=//p')"
            name=$(basename "$(readlink -f "$whole")")
            rbd=/sys/bus/rbd/devices/${name#rbd}
            if [ -e "$rbd/cluster_fsid" ]; then say rbd "$(cat "$rbd/cluster_fsid") $(cat "$rbd/pool")/$(cat "$rbd/name")"; fi
            for resource in /dev/drbd/by-res/*/*; do
                if [ "$resource" -ef "$1" ]; then say drbd "${resource#/dev/drbd/by-res/}"; fi
            done
        }
        for path in "$@"; do
            echo '#'
            if [ -b "$path" ]; then device "$path"; elif [ -e "$path" ]; then file "$path"; fi
        done
        """;

    private static readonly string[] OwnFileSystems =
        ["ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "tmpfs", "overlay", "f2fs", "jfs", "reiserfs", "bcachefs", "vfat", "ntfs3"];

    // Those that give a file one number wherever it is seen from. Others, such as cifs and most of FUSE, may make one up.
    private static readonly string[] FileSystemsWithNumbers = ["nfs", "nfs4", "ceph", "gfs2", "ocfs2", "lustre", "gpfs"];

    /// <summary>Finds out by what files and devices of a host are known.</summary>
    /// <returns>The identities, in the same order.</returns>
    public static async Task<IReadOnlyList<StorageIdentity>> FindAsync(
        HostFacts host, IReadOnlyList<DiskSource> sources, CancellationToken cancellationToken)
    {
        var seen = host.Shell is not { } shell ? null : await AskAsync(shell, [.. sources.Select(s => s.Path ?? string.Empty)], cancellationToken).ConfigureAwait(false);
        var pools = await StoragePools.ListAsync(host).ConfigureAwait(false);
        var identities = new List<StorageIdentity>();
        foreach (var (source, i) in sources.Select((s, i) => (s, i)))
        {
            var byShell = seen?[i] ?? StorageIdentity.Unknown;
            var pool = source.Path is { } path ? StoragePools.Find(pools, path) : null;
            var volume = pool is null ? null : await host.FindVolumeAsync(source.Path!).ConfigureAwait(false);
            identities.Add(byShell with
            {
                Marks = [.. byShell.Marks, .. pool is null ? [] : OfPool(pool, source.Path!, volume)],
            });
        }

        return identities;
    }

    /// <summary>Reads what the command on the host said.</summary>
    /// <returns>The identities in the order of the paths; null where it is no such answer.</returns>
    internal static IReadOnlyList<StorageIdentity>? Read(string output, int count)
    {
        var blocks = output.Split("#\n")[1..];
        return blocks.Length == count ? [.. blocks.Select(ReadOne)] : null;
    }

    /// <summary>What a pool tells of a volume.</summary>
    internal static IEnumerable<StorageMark> OfPool(StoragePool pool, string path, StorageVolume? volume)
    {
        var name = Path.GetFileName(path);
        if (pool is { Type: "netfs" or "iscsi", Source: { } source })
        {
            yield return new($"{pool.Type} pool", $"{source} {name}") { IsDecisive = false };
        }

        if (volume?.Key is { } key && pool.Type is "logical" && key.Replace("-", string.Empty, StringComparison.Ordinal) is { Length: LvmUuid } uuid)
        {
            yield return new("LVM volume", uuid);
        }

        if (volume?.Key is { } id && pool.Type is "iscsi" or "scsi" or "mpath" && ScsiId().IsMatch(id))
        {
            yield return new("SCSI id", id);
        }
    }

    private static async Task<IReadOnlyList<StorageIdentity>?> AskAsync(IHostShell shell, string[] paths, CancellationToken cancellationToken) =>
        await shell.RunAsync(["sh", "-c", Script, "sh", .. paths], cancellationToken).ConfigureAwait(false) is { ExitCode: 0 } result
            ? Read(result.Output, paths.Length)
            : null;

    private static StorageIdentity ReadOne(string block)
    {
        var said = block.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 2)).Where(l => l.Length == 2)
            .DistinctBy(l => l[0], StringComparer.Ordinal).ToDictionary(l => l[0], l => l[1].Trim(), StringComparer.Ordinal);
        var type = said.GetValueOrDefault("type");
        var isOwn = type is not null && OwnFileSystems.Contains(type, StringComparer.Ordinal);
        var marks = new List<StorageMark>();
        if (said.TryGetValue("kernel", out var kernel) && kernel.Split(' ', 2) is [{ Length: > 0 } boot, var number])
        {
            // Hosts that are containers on one machine share its kernel.
            marks.Add(new($"kernel {boot}", number));
        }

        if (said.TryGetValue("inode", out var inode))
        {
            marks.Add(new(StorageIdentity.Inode, inode)
            {
                Scope = isOwn ? null : said.GetValueOrDefault("source"),
                Family = type is "nfs4" ? "nfs" : type,
                IsDecisive = type is not null && FileSystemsWithNumbers.Contains(type, StringComparer.Ordinal),
            });
        }

        marks.AddRange(OfDevice(said));
        return new(marks) { IsHostsOwn = isOwn };
    }

    private static IEnumerable<StorageMark> OfDevice(Dictionary<string, string> said)
    {
        // Partitions are told apart by where they begin, or by their number, as the device mapper has them.
        var suffix = said.TryGetValue("start", out var start) ? $" from sector {start}" : string.Empty;
        var scsi = start is null ? "SCSI id" : "SCSI id and start sector";
        if (said.TryGetValue("dm", out var dm))
        {
            if (dm.StartsWith("LVM-", StringComparison.Ordinal) && dm.Length >= Lvm + (2 * LvmUuid))
            {
                yield return new("LVM volume", dm.Substring(Lvm + LvmUuid, LvmUuid));
            }

            if (Multipath().Match(dm) is { Success: true } map)
            {
                yield return map.Groups["part"].Length == 0
                    ? new("SCSI id", map.Groups["id"].Value)
                    : new("SCSI id with partition", $"{map.Groups["id"].Value} {map.Groups["part"].Value}");
            }
        }

        // What t10 ids are made of is not unique: emulated disks have the same on all hosts.
        if (said.TryGetValue("wwid", out var wwid) && !wwid.StartsWith("t10.", StringComparison.Ordinal))
        {
            yield return wwid.StartsWith("naa.", StringComparison.Ordinal)
                ? new(scsi, $"3{wwid["naa.".Length..]}{suffix}")
                : new(start is null ? "WWN" : "WWN and start sector", wwid + suffix);
        }
        else if (said.TryGetValue("serial", out var serial) && ScsiId().IsMatch(serial))
        {
            yield return new(scsi, serial + suffix);
        }

        if (said.TryGetValue("rbd", out var rbd))
        {
            yield return new("RADOS image", rbd + suffix);
        }

        if (said.TryGetValue("drbd", out var drbd))
        {
            yield return new("DRBD resource", drbd) { IsDecisive = false };
        }
    }

    private const int Lvm = 4;
    private const int LvmUuid = 32;

    [GeneratedRegex("^[0-9a-f]{17,33}$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ScsiId();

    [GeneratedRegex("^(?:(?<part>part[0-9]+)-)?mpath-(?<id>.+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Multipath();
}
