using System.ComponentModel;
using CliWrap.Buffered;

namespace VirtMigrate.Hosts;

/// <summary>Runs commands on a host that change nothing there: on this computer, or by ssh where the host is reached so anyway.</summary>
internal interface IHostShell
{
    /// <summary>Runs a command.</summary>
    /// <returns>What came of it; null where the host can't be reached like this, or lacks the program.</returns>
    Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken);

    /// <summary>The same shell, which runs again what was run before.</summary>
    IHostShell Fresh => this;
}

/// <summary>
/// Runs commands on a host whose address leads to a shell anyway: this computer (<c>qemu:///system</c>), or by the ssh call with which
/// libvirt reaches it. It never asks a question, and a command that takes too long is killed. Each command is run once, however many VMs it
/// is for.
/// </summary>
internal sealed class HostShell : IHostShell
{
    /// <summary>How long a command may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private const int Missing = 127;

    private readonly SshTarget? _ssh;
    private readonly FactCache? _results;

    private HostShell(SshTarget? ssh, bool isFresh = false)
    {
        _ssh = ssh;
        _results = isFresh ? null : new(keepsFailures: false);
    }

    public IHostShell Fresh => new HostShell(_ssh, isFresh: true);

    /// <summary>Finds the shell of a host.</summary>
    /// <returns>The shell; null where the address leads to none, such as one of TLS.</returns>
    public static HostShell? Of(HostAddress address)
    {
        return IsThisComputer(address) ? new(null) : address is { IsOverSsh: true, HostName.Length: > 0 } ? new(new SshTarget(address)) : null;
    }

    /// <summary>Whether an address names the computer that this process runs on.</summary>
    /// <returns>False also for a socket of one's own choice, which may lead anywhere.</returns>
    public static bool IsThisComputer(HostAddress address)
    {
        return address is { HostName.Length: 0, Transport: "" or "unix" }
            && address.Uri.StartsWith("qemu", StringComparison.OrdinalIgnoreCase)
            && !address.Uri.Contains("socket=", StringComparison.Ordinal);
    }

    public Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken) => _results is null
        ? ExecuteAsync(command, cancellationToken)
        : _results.GetAsync(string.Join('\0', command), ct => ExecuteAsync(command, ct), cancellationToken);

    private async Task<HostShellResult?> ExecuteAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        try
        {
            var result = await ToCommand(command).ToCommand().ExecuteBufferedAsync(deadline.Token).ConfigureAwait(false);
            return result.ExitCode == Missing || (_ssh is not null && result.ExitCode == SshTarget.Failed)
                ? null
                : new(result.ExitCode, result.StandardOutput, result.StandardError);
        }
        catch (Win32Exception)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    private ToolCommand ToCommand(IReadOnlyList<string> command) =>
        _ssh is null ? new(command[0], [.. command.Skip(1)]) : _ssh.Run([], ToolLocale.Words(command));
}

/// <summary>What came of a command on a host.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed as errors.</param>
internal sealed record HostShellResult(int ExitCode, string Output, string Error);
