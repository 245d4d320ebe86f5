using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Planning;

/// <summary>
/// Looks for images at the destination: in the lists of its storage pools, each of which looks again once however many images there are,
/// and where no pool covers a path, by a command on the destination.
/// </summary>
internal static class DestinationImages
{
    // In the other types a device's path depends on where it is found, and a path that is not listed may still be there.
    private static readonly string[] TypesThatListAll = ["dir", "fs", "netfs", "logical", "zfs"];

    /// <summary>Looks for images.</summary>
    public static async Task<IReadOnlyDictionary<string, ImageSighting>> FindAsync(
        CheckContext context, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        var pools = await StoragePools.ListAsync(context.Destination).ConfigureAwait(false);
        var sightings = new Dictionary<string, ImageSighting>(StringComparer.Ordinal);
        var open = new List<ImageSighting>();
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            var sighting = await LookInPoolAsync(context, path, StoragePools.Find(pools, path)).ConfigureAwait(false);
            sightings[path] = sighting;

            // What a pool lists is there; what it does not list may be there by another name.
            if (sighting.Presence != ImagePresence.Present)
            {
                open.Add(sighting);
            }
        }

        if (open.Count > 0 && context.Destination.Shell is { } shell)
        {
            foreach (var sighting in await LookAsync(shell, open, cancellationToken).ConfigureAwait(false))
            {
                sightings[sighting.Path] = sighting;
            }
        }

        return sightings;
    }

    /// <summary>Looks for anything by a command on the destination.</summary>
    public static async Task<IReadOnlyDictionary<string, ImageSighting>> StatAsync(
        CheckContext context, IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        ImageSighting[] open = [.. paths.Distinct(StringComparer.Ordinal).Select(p => new ImageSighting(p, ImagePresence.Unknown, "stat", $"not asked for {p}"))];
        var seen = context.Destination.Shell is { } shell ? await LookAsync(shell, open, cancellationToken).ConfigureAwait(false) : [];
        return (seen.Count > 0 ? seen : open).ToDictionary(s => s.Path, StringComparer.Ordinal);
    }

    private static async Task<ImageSighting> LookInPoolAsync(CheckContext context, string path, StoragePool? pool)
    {
        if (pool is null)
        {
            return new(path, ImagePresence.Unknown, "storage pools", $"no active pool is at {Path.GetDirectoryName(path)}");
        }

        var what = $"volumes of pool {pool.Name}";
        var (paths, isFresh) = await context.Destination.ListVolumePathsAsync(pool.Name).ConfigureAwait(false);
        if (paths.Contains(path) || paths.Contains(StoragePools.Plain(path)))
        {
            return new(path, ImagePresence.Present, what, path) { Pool = pool };
        }

        return !isFresh ? new(path, ImagePresence.Unknown, what, $"no {path}, but the pool could not be looked at again") { Pool = pool }
            : TypesThatListAll.Contains(pool.Type, StringComparer.Ordinal) ? new(path, ImagePresence.Missing, what, $"no {path}") { Pool = pool }
            : new(path, ImagePresence.Unknown, what, $"no {path}, but it may have another path there") { Pool = pool };
    }

    private static async Task<IReadOnlyList<ImageSighting>> LookAsync(
        IHostShell shell, IReadOnlyCollection<ImageSighting> sightings, CancellationToken cancellationToken)
    {
        string[] command = ["stat", "-L", "-c", "%F %n", "--", .. sightings.Select(s => s.Path)];
        return await shell.RunAsync(command, cancellationToken).ConfigureAwait(false) is not { } result ? []
            : [.. sightings.Select(s => Judge(s, result))];
    }

    private static ImageSighting Judge(ImageSighting sighting, HostShellResult result)
    {
        if (Lines(result.Output).Any(l => l.EndsWith($" {sighting.Path}", StringComparison.Ordinal)))
        {
            return sighting with { Presence = ImagePresence.Present, What = "stat", Value = $"{sighting.Path} (QEMU's user may have other rights)" };
        }

        // stat: cannot statx '/path': No such file or directory
        var complaint = Lines(result.Error).FirstOrDefault(l => l.Contains($"{sighting.Path}'", StringComparison.Ordinal) ||
            l.Contains($" {sighting.Path}:", StringComparison.Ordinal));
        return complaint is null ? sighting
            : complaint.EndsWith("No such file or directory", StringComparison.Ordinal) || complaint.EndsWith("Not a directory", StringComparison.Ordinal)
                ? sighting with { Presence = ImagePresence.Missing, What = "stat", Value = complaint }
                : sighting with { What = "stat", Value = complaint };
    }

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}

/// <summary>What was seen of an image on a host.</summary>
/// <param name="Path">The image's path.</param>
/// <param name="Presence">Whether it is there.</param>
/// <param name="What">What was asked, in the terms of evidence.</param>
/// <param name="Value">What was read.</param>
internal sealed record ImageSighting(string Path, ImagePresence Presence, string What, string Value)
{
    /// <summary>The pool in whose directory the image is, or would be; null where there is no active one.</summary>
    public StoragePool? Pool { get; init; }
}

/// <summary>Whether a host has an image.</summary>
internal enum ImagePresence
{
    /// <summary>It can't be seen from here.</summary>
    Unknown,

    /// <summary>It is there.</summary>
    Present,

    /// <summary>It is not there.</summary>
    Missing,
}
