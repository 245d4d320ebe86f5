using System.Text.RegularExpressions;
using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Storage;

/// <summary>What an image at the destination is to the host that it is on.</summary>
internal enum ImageClaim
{
    /// <summary>No definition and no other image names it.</summary>
    None,

    /// <summary>The moving VM's own definition there names it, and nobody else: an earlier move left both behind.</summary>
    Own,

    /// <summary>Another image lies over it.</summary>
    Backing,

    /// <summary>Another VM's definition names it.</summary>
    Domain,
}

/// <summary>Who at the destination names the images that disks are copied into.</summary>
/// <param name="definitions">Every definition that the host has.</param>
/// <param name="volumes">The volumes of its pools.</param>
/// <param name="pools">Its pools.</param>
/// <param name="identify">
/// Gives two paths the same text where they lead to one file or device, whatever links lie between; a path of which nothing is known gives itself.
/// </param>
internal sealed partial class ImageClaims(
    IReadOnlyList<DomainDefinition> definitions, IReadOnlyList<StorageVolume> volumes, IReadOnlyList<StoragePool> pools, Func<string, string> identify)
{
    private const int PathsAtOnce = 200;

    /// <summary>Gathers what the destination tells.</summary>
    /// <param name="move">The migration.</param>
    /// <param name="disks">The copied disks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Who names what.</returns>
    public static async Task<ImageClaims> GatherAsync(ReadinessMove move, IReadOnlyList<CopiedDisk> disks, CancellationToken cancellationToken)
    {
        var definitions = await move.Destination.ListDefinitionsAsync().ConfigureAwait(false);
        var pools = await DestinationImages.ListPoolsAsync(move.Destination).ConfigureAwait(false);
        string[] paths = [.. disks.Where(d => d.Presence != ImagePresence.Missing).Select(d => d.Source.Path).OfType<string>()];

        // An image that is not there has nothing over it.
        var volumes = paths.Length == 0 ? [] : await Task.WhenAll(pools.Where(p => p.IsActive).Select(p => ListAsync(move.Destination, p))).ConfigureAwait(false);
        StorageVolume[] all = [.. volumes.SelectMany(v => v)];
        var known = move.Path.DestinationShell is { } shell && paths.Length > 0
            ? await IdentifyAsync(shell, [.. paths, .. Named(definitions, pools), .. all.Select(v => v.BackingPath).OfType<string>()], cancellationToken)
                .ConfigureAwait(false)
            : [];
        return new(definitions, all, pools, p => known.GetValueOrDefault(p) ?? Plain(p));
    }

    /// <summary>Finds who names a target.</summary>
    /// <param name="target">What a disk is copied into.</param>
    /// <param name="own">The moving VM's UUID.</param>
    /// <returns>What the image is to the host, and the VMs or images that name it.</returns>
    public (ImageClaim Claim, IReadOnlyList<string> Names) Find(DiskSource target, Guid own)
    {
        string[] domains = [.. definitions.Where(d => d.Uuid != own && Names(d, target)).Select(d => d.Name).Distinct(StringComparer.Ordinal)];
        string[] overlays = target.Path is { } path
            ? [.. volumes.Where(v => v.BackingPath is { } backing && IsOne(backing, path)).Select(v => v.Path)]
            : [];
        return domains.Length > 0 ? (ImageClaim.Domain, domains)
            : overlays.Length > 0 ? (ImageClaim.Backing, overlays)
            : definitions.Any(d => d.Uuid == own && Names(d, target)) ? (ImageClaim.Own, [])
            : (ImageClaim.None, []);
    }

    /// <summary>Whether two paths on the destination lead to one file or device.</summary>
    /// <param name="one">A path.</param>
    /// <param name="other">Another.</param>
    /// <returns>True when they do.</returns>
    public bool IsOne(string one, string other) => string.Equals(identify(one), identify(other), StringComparison.Ordinal);

    /// <summary>A path as it is compared where the host can't be asked: without detours, and logical volumes by one of their names.</summary>
    /// <param name="path">The path.</param>
    /// <returns>The path.</returns>
    internal static string Plain(string path)
    {
        var full = Path.IsPathRooted(path) ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) : path;
        return Mapped().Match(full) is { Success: true } volume ? $"/dev/{Undouble(volume, "group")}/{Undouble(volume, "volume")}" : full;

        static string Undouble(Match match, string group) => match.Groups[group].Value.Replace("--", "-", StringComparison.Ordinal);
    }

    // What is named by a path or by a pool's volume, wherever in a definition; what comes over a network by protocol and name.
    private bool Names(DomainDefinition definition, DiskSource target) => target.Path is { } path
        ? definition.NamedPaths.Concat(VolumePaths(definition, pools)).Any(p => IsOne(p, path))
        : Sources(definition).Any(s => s.Path is null && string.Equals(s.Name, target.Name, StringComparison.Ordinal));

    private static IEnumerable<string> Named(IEnumerable<DomainDefinition> definitions, IReadOnlyList<StoragePool> pools) =>
        definitions.SelectMany(d => d.NamedPaths.Concat(VolumePaths(d, pools)));

    private static IEnumerable<string> VolumePaths(DomainDefinition definition, IReadOnlyList<StoragePool> pools) =>
        Sources(definition).Where(s => s.Type is "volume").Select(s => DiskLocation.Resolve(s, pools).Path).OfType<string>();

    private static IEnumerable<DiskSource> Sources(DomainDefinition definition) =>
        definition.Drives.SelectMany(d => d.Backing.Append(d.Source)).OfType<DiskSource>();

    // A pool that can't be listed now, since it makes a volume or its storage is away, does not hide the others.
    private static async Task<IReadOnlyList<StorageVolume>> ListAsync(HostFacts host, StoragePool pool)
    {
        try
        {
            return await host.ListVolumesAsync(pool.Name).ConfigureAwait(false);
        }
        catch (HypervisorException e) when (e is not HostConnectionLostException)
        {
            return [];
        }
    }

    private static async Task<Dictionary<string, string>> IdentifyAsync(IHostShell shell, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var some in paths.Distinct(StringComparer.Ordinal).Chunk(PathsAtOnce))
        {
            if (await shell.RunAsync(["stat", "-L", "-c", "%t:%T %d:%i %n", "--", .. some], cancellationToken).ConfigureAwait(false) is not { } result)
            {
                continue;
            }

            // Devices have a number of their own, files one within their file system.
            foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 3)).Where(l => l.Length == 3))
            {
                known[line[2]] = line[0] is "0:0" ? $"file {line[1]}" : $"device {line[0]}";
            }
        }

        return known;
    }

    [GeneratedRegex("^/dev/mapper/(?<group>(?:[^-]|--)+)-(?<volume>(?:[^-]|--)+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mapped();
}
