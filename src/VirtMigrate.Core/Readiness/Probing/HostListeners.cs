using System.Globalization;

namespace VirtMigrate.Readiness.Probing;

/// <summary>The TCP ports that somebody listens on at a host, read without touching them.</summary>
/// <param name="Ports">The ports, with the addresses as <c>ss</c> prints them.</param>
internal sealed record HostListeners(IReadOnlyDictionary<int, IReadOnlyList<string>> Ports)
{
    /// <summary>Reads them.</summary>
    /// <param name="shell">The host's shell; null where there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The listeners; null where they can't be read.</returns>
    public static async Task<HostListeners?> ReadAsync(IHostShell? shell, CancellationToken cancellationToken) =>
        shell is not null && await shell.RunAsync(["ss", "-Htln"], cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output: var lines }
            ? Parse(lines)
            : null;

    /// <summary>Reads them from what <c>ss -Htln</c> prints.</summary>
    /// <param name="lines">The lines.</param>
    /// <returns>The listeners.</returns>
    internal static HostListeners Parse(string lines) => new(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(w => w.Length >= 4).Select(w => w[3])
        .Select(end => (End: end, Port: ToPort(end))).Where(e => e.Port > 0)
        .GroupBy(e => e.Port).ToDictionary(g => g.Key, IReadOnlyList<string> (g) => [.. g.Select(e => e.End)]));

    private static int ToPort(string end) =>
        int.TryParse(end[(end.LastIndexOf(':') + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
}
