using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Storage;

/// <summary>Files that libvirt keeps on a host beside a definition and tells nobody of.</summary>
internal static class HostFiles
{
    /// <summary>Looks for a file.</summary>
    /// <param name="shell">The host; null where no command can be run there.</param>
    /// <param name="path">The file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is there; null where that can't be seen, as by somebody who may not look into the directory.</returns>
    public static async Task<bool?> IsThereAsync(IHostShell? shell, string path, CancellationToken cancellationToken)
    {
        if (shell is null || !path.StartsWith('/'))
        {
            return null;
        }

        return (await shell.RunAsync(["test", "-e", path], cancellationToken).ConfigureAwait(false))?.ExitCode switch
        {
            0 => true,
            1 => await shell.RunAsync(["test", "-x", path[..path.LastIndexOf('/')]], cancellationToken).ConfigureAwait(false) is { ExitCode: 0 } ? false : null,
            _ => null,
        };
    }
}
