using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Probing;

/// <summary>A shell that runs each command once, however many VMs it is for.</summary>
/// <param name="shell">The shell.</param>
internal sealed class RememberedShell(IHostShell shell) : IHostShell
{
    private readonly FactStore _results = new(keepsFailures: false);

    /// <summary>Runs commands each time.</summary>
    public IHostShell Inner => shell;

    /// <inheritdoc/>
    public Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) =>
        _results.GetAsync(string.Join('\0', command), ct => shell.RunAsync(command, ct), cancellationToken);
}
