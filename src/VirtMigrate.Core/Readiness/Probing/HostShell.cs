using System.ComponentModel;
using CliWrap.Buffered;
using VirtMigrate.Hypervisor;
using VirtMigrate.Hypervisor.Processes;

namespace VirtMigrate.Readiness.Probing;

/// <summary>
/// Runs commands on a host whose address leads to a shell anyway: this computer (<c>qemu:///system</c>), or by the ssh call with which
/// libvirt reaches it. It never asks a question, and a command that takes too long is killed.
/// </summary>
internal sealed class HostShell : IHostShell
{
    /// <summary>How long a command may take.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private const int Missing = 127;

    private readonly SshTarget? _ssh;

    private HostShell(SshTarget? ssh) => _ssh = ssh;

    /// <summary>Finds the shell of a host.</summary>
    /// <param name="address">The host's address.</param>
    /// <returns>The shell; null where the address leads to none, such as one of TLS.</returns>
    public static HostShell? Of(HostAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return IsThisComputer(address) ? new(null) : address is { IsOverSsh: true, HostName.Length: > 0 } ? new(new SshTarget(address)) : null;
    }

    /// <summary>Whether an address names the computer that this process runs on.</summary>
    /// <param name="address">The address.</param>
    /// <returns>False also for a socket of one's own choice, which may lead anywhere.</returns>
    public static bool IsThisComputer(HostAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address is { HostName.Length: 0, Transport: "" or "unix" } && address.Uri.StartsWith("qemu", StringComparison.OrdinalIgnoreCase) && !address.Uri.Contains("socket=", StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public async Task<HostShellResult?> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
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
