namespace VirtMigrate.Readiness.Probing;

/// <summary>Runs commands on a host that change nothing there: on this computer, or by ssh where the host is reached so anyway.</summary>
internal interface IHostShell
{
    /// <summary>Runs a command.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What came of it; null where the host can't be reached like this, or lacks the program.</returns>
    Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken);
}
