using System.Text.RegularExpressions;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>What an image at the destination is to the host that it is on.</summary>
internal enum ImageClaim
{
    /// <summary>No definition and no other image names it.</summary>
    None,

    /// <summary>The moving VM's own definition there names it, and nobody else: an earlier move left both behind.</summary>
    Own,

    /// <summary>Whether somebody names it can't be told from here.</summary>
    Unread,

    /// <summary>It is a device that the destination itself uses: mounted, or with partitions or volumes on it.</summary>
    Host,

    /// <summary>It is the backing file of another image.</summary>
    Backing,

    /// <summary>Another VM's definition names it.</summary>
    Domain,
}

/// <summary>What was read of a destination to tell who names its images.</summary>
/// <param name="Definitions">Every definition that the host has.</param>
/// <param name="Volumes">The volumes of its pools.</param>
/// <param name="Pools">Its pools.</param>
internal sealed record ImageClaimFacts(
    IReadOnlyList<DomainDefinition> Definitions, IReadOnlyList<StorageVolume> Volumes, IReadOnlyList<StoragePool> Pools)
{
    /// <summary>The pools whose volumes could not be read.</summary>
    public IReadOnlyList<string> UnreadPools { get; init; } = [];

    /// <summary>What the host's shell said that paths lead to: one text for all that lead to one file or device; null where it has no shell.</summary>
    public IReadOnlyDictionary<string, string>? Identities { get; init; }

    /// <summary>The devices that the host itself uses, by their paths, with what it has on them.</summary>
    public IReadOnlyDictionary<string, string> InUse { get; init; } = new Dictionary<string, string>(StringComparer.Ordinal);
}

/// <summary>Who at the destination names the images that disks are copied into.</summary>
internal sealed partial class ImageClaims(ImageClaimFacts facts)
{
    private const int PathsAtOnce = 200;

    private static readonly string[] DirectoriesOfLinks = ["disk", "block", "mapper", "drbd", "zvol", "md"];

    /// <summary>Reads what the destination tells.</summary>
    /// <exception cref="HypervisorException">The destination does not tell.</exception>
    public static async Task<ImageClaims> GatherAsync(CheckContext context, IReadOnlyList<CopiedDisk> disks, CancellationToken cancellationToken)
    {
        var definitions = await context.Destination.ListDefinitionsAsync().ConfigureAwait(false);
        var pools = await StoragePools.ListAsync(context.Destination).ConfigureAwait(false);
        CopiedDisk[] present = [.. disks.Where(d => d.Presence != ImagePresence.Missing && d.Source.Path is not null)];
        if (present.Length == 0)
        {
            // What is not there is the backing file of nothing.
            return new(new(definitions, [], pools));
        }

        var lists = await Task.WhenAll(pools.Where(p => p.IsActive).Select(p => ListAsync(context.Destination, p))).ConfigureAwait(false);
        var facts = new ImageClaimFacts(definitions, [.. lists.SelectMany(l => l.Volumes ?? [])], pools)
        {
            UnreadPools = [.. lists.Where(l => l.Volumes is null).Select(l => l.Pool)],
        };
        return context.Destination.Shell is not { } shell ? new(facts) : new(facts with
        {
            Identities = await IdentifyAsync(shell, [.. present.Select(d => d.Source.Path!), .. Named(facts)], cancellationToken).ConfigureAwait(false),
            InUse = await FindInUseAsync(shell, [.. present.Where(d => d.Source.Type is "block").Select(d => d.Source.Path!)], cancellationToken).ConfigureAwait(false),
        });
    }

    /// <summary>Finds who names a target.</summary>
    public (ImageClaim Claim, IReadOnlyList<string> Names) Find(DiskSource target, bool isPresent, Guid own)
    {
        string[] domains = [.. facts.Definitions.Where(d => d.Uuid != own && Names(d, target)).Select(d => d.Name).Distinct(StringComparer.Ordinal)];
        if (domains.Length > 0)
        {
            return (ImageClaim.Domain, domains);
        }

        if (isPresent && target.Path is { } path)
        {
            string[] overlays = [.. facts.Volumes.Where(v => v.BackingPath is { } backing && IsOne(backing, path)).Select(v => v.Path)];
            string[] aliases = [.. facts.Definitions.Where(d => d.Uuid != own && MayName(d, target)).Select(d => d.Name).Distinct(StringComparer.Ordinal)];
            if (overlays.Length > 0)
            {
                return (ImageClaim.Backing, overlays);
            }

            if (facts.InUse.TryGetValue(path, out var use))
            {
                return (ImageClaim.Host, [use]);
            }

            if (facts.UnreadPools.Count + aliases.Length > 0)
            {
                return (ImageClaim.Unread, [.. facts.UnreadPools.Select(p => $"pool {p}"), .. aliases.Select(d => $"VM {d}")]);
            }
        }

        return facts.Definitions.Any(d => d.Uuid == own && Names(d, target)) ? (ImageClaim.Own, []) : (ImageClaim.None, []);
    }

    /// <summary>Whether two paths on the destination lead to one file or device.</summary>
    public bool IsOne(string one, string other) => string.Equals(Plain(one), Plain(other), StringComparison.Ordinal) ||
        (facts.Identities is { } known && known.TryGetValue(one, out var a) && known.TryGetValue(other, out var b) && string.Equals(a, b, StringComparison.Ordinal));

    /// <summary>A path as it is compared where the host can't be asked: without detours, and logical volumes by one of their names.</summary>
    internal static string Plain(string path)
    {
        var full = Path.IsPathRooted(path) ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)) : path;
        return Mapped().Match(full) is { Success: true } volume ? $"/dev/{Undouble(volume, "group")}/{Undouble(volume, "volume")}" : full;

        static string Undouble(Match match, string group) => match.Groups[group].Value.Replace("--", "-", StringComparison.Ordinal);
    }

    // What is named by a path or by a pool's volume, wherever in a definition; what comes over a network by protocol and name.
    private bool Names(DomainDefinition definition, DiskSource target) => target.Path is { } path
        ? definition.NamedPaths.Concat(VolumePaths(definition, facts.Pools)).Any(p => IsOne(p, path))
        : Sources(definition).Select(s => StoragePools.ResolveCopied(s, facts.Pools))
            .Any(s => s.Path is null && string.Equals(s.Name, target.Name, StringComparison.Ordinal));

    // Without a word of the host's own, a device may go by many names; only logical volumes are told apart by theirs.
    private bool MayName(DomainDefinition definition, DiskSource target) => facts.Identities is null && target.Type is "block" &&
        Sources(definition).Any(s => s is { Type: "block", Path: { } path } && !(IsLogicalVolume(path) && IsLogicalVolume(target.Path!)));

    private static bool IsLogicalVolume(string path) => Plain(path).Split('/') is ["", "dev", var group, _] &&
        !DirectoriesOfLinks.Contains(group, StringComparer.Ordinal);

    private static IEnumerable<string> Named(ImageClaimFacts facts) => facts.Definitions
        .SelectMany(d => d.NamedPaths.Concat(VolumePaths(d, facts.Pools)))
        .Concat(facts.Volumes.Select(v => v.BackingPath).OfType<string>());

    private static IEnumerable<string> VolumePaths(DomainDefinition definition, IReadOnlyList<StoragePool> pools) =>
        Sources(definition).Where(s => s.Type is "volume").Select(s => StoragePools.Resolve(s, pools).Path).OfType<string>();

    private static IEnumerable<DiskSource> Sources(DomainDefinition definition) =>
        definition.Drives.SelectMany(d => d.Backing.Append(d.Source)).OfType<DiskSource>();

    // A pool that can't be read now does not end the look at the others; what it may hide is said.
    private static async Task<(string Pool, IReadOnlyList<StorageVolume>? Volumes)> ListAsync(HostFacts host, StoragePool pool)
    {
        try
        {
            return (pool.Name, await host.ListVolumesAsync(pool.Name).ConfigureAwait(false));
        }
        catch (HypervisorException e) when (e is not HostConnectionLostException)
        {
            return (pool.Name, null);
        }
    }

    private static async Task<IReadOnlyDictionary<string, string>> IdentifyAsync(
        IHostShell shell, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var some in paths.Distinct(StringComparer.Ordinal).Chunk(PathsAtOnce))
        {
            var result = await shell.RunAsync(["stat", "-L", "-c", "%t:%T %d:%i %n", "--", .. some], cancellationToken).ConfigureAwait(false)
                ?? throw new HypervisorException("the destination did not say in time which files its VMs' paths lead to (stat)");

            // Devices have a number of their own, files one within their file system.
            foreach (var line in result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ', 3)).Where(l => l.Length == 3))
            {
                known[line[2]] = line[0] is "0:0" ? $"file {line[1]}" : $"device {line[0]}";
            }
        }

        return known;
    }

    // lsblk prints a line for the device and one for each partition, volume or map on it.
    private static async Task<IReadOnlyDictionary<string, string>> FindInUseAsync(IHostShell shell, IReadOnlyList<string> devices, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var device in devices)
        {
            var result = await shell.RunAsync(["lsblk", "-n", "-r", "-o", "NAME,MOUNTPOINT", "--", device], cancellationToken).ConfigureAwait(false);
            string[][] lines = result is { ExitCode: 0 } ? [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' '))] : [];
            string[] uses =
            [
                .. lines.SelectMany(l => l.Skip(1)).Where(m => m.Length > 0).Select(m => $"mounted at {m}"),
                .. lines.Skip(1).Select(l => l[0]).Distinct(StringComparer.Ordinal),
            ];
            if (uses.Length > 0)
            {
                found[device] = string.Join(", ", uses);
            }
        }

        return found;
    }

    [GeneratedRegex("^/dev/mapper/(?<group>(?:[^-]|--)+)-(?<volume>(?:[^-]|--)+)$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Mapped();
}
