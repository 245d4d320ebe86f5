using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Storage;

/// <summary>Finds the disks that would be copied into themselves, since both hosts share their images.</summary>
internal static class OneImage
{
    /// <summary>Finds them.</summary>
    /// <param name="move">The migration.</param>
    /// <param name="disks">The copied disks.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those of them of which it is certain.</returns>
    public static async Task<IReadOnlyList<CopiedDisk>> AmongAsync(
        ReadinessMove move, IReadOnlyList<CopiedDisk> disks, CancellationToken cancellationToken)
    {
        var present = disks.Where(d => d.Presence == ImagePresence.Present && d.Source.Type is "file").ToArray();
        if (present.Length == 0)
        {
            return [];
        }

        var here = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Drives;
        var found = new List<CopiedDisk>();
        foreach (var disk in present)
        {
            var path = here.FirstOrDefault(d => string.Equals(d.Target, disk.Disk.Target, StringComparison.Ordinal))?.Source?.Path;
            if (path is not null && (await IsOneExportAsync(move, path, disk).ConfigureAwait(false) ||
                await IsOneFileAsync(move.Path, path, disk.Source.Path!, cancellationToken).ConfigureAwait(false)))
            {
                found.Add(disk);
            }
        }

        return found;
    }

    private static async Task<bool> IsOneExportAsync(ReadinessMove move, string path, CopiedDisk disk) =>
        await ExportOfAsync(move.Source, path).ConfigureAwait(false) is { } here &&
        await ExportOfAsync(move.Destination, disk.Source.Path!).ConfigureAwait(false) is { } there &&
        string.Equals(here.Source, there.Source, StringComparison.Ordinal) &&
        string.Equals(Path.GetFileName(path), Path.GetFileName(disk.Source.Path), StringComparison.Ordinal);

    private static async Task<StoragePool?> ExportOfAsync(HostFacts host, string path) =>
        DestinationImages.PoolOf(await DestinationImages.ListPoolsAsync(host).ConfigureAwait(false), path) is { Type: "netfs", Source: not null } pool
            ? pool
            : null;

    private static async Task<bool> IsOneFileAsync(PathProbe probe, string here, string there, CancellationToken cancellationToken) =>
        probe is { SourceShell: { } source, DestinationShell: { } destination } &&
        await FileSystemKind.OfAsync(source, here, cancellationToken).ConfigureAwait(false) is { IsShared: true } &&
        await FileSystemKind.OfAsync(destination, there, cancellationToken).ConfigureAwait(false) is { IsShared: true } &&
        await IdentityAsync(source, here, cancellationToken).ConfigureAwait(false) is { } identity &&
        string.Equals(identity, await IdentityAsync(destination, there, cancellationToken).ConfigureAwait(false), StringComparison.Ordinal);

    private static async Task<string?> IdentityAsync(IHostShell shell, string path, CancellationToken cancellationToken) =>
        await shell.RunAsync(["stat", "-L", "-c", "inode %i, %s bytes", "--", path], cancellationToken).ConfigureAwait(false) is { ExitCode: 0 } result
            ? result.Output.Trim()
            : null;
}
