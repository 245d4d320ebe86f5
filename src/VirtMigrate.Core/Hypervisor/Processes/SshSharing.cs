using System.ComponentModel;
using System.Text;
using CliWrap;
using VirtMigrate.Hypervisor.Virsh.Errors;

namespace VirtMigrate.Hypervisor.Processes;

/// <summary>
/// One ssh connection that others share (ControlMaster). It lasts as long as its input is open, so that it ends with this process,
/// however this process ends.
/// </summary>
internal sealed class SshSharing : IAsyncDisposable
{
    private const string Ready = "virtmigrate-ready";
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(2);

    private readonly PrivateFolder _folder = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _kill = new();
    private readonly StringBuilder _errors = new();
    private readonly Task<CommandResult> _process;
    private readonly SshTarget _target;

    private SshSharing(SshTarget target)
    {
        _target = target;
        var socket = Path.Combine(_folder.Path, "s");
        Options = ["-o", "ControlMaster=no", "-o", $"ControlPath={socket}"];
        _process = target.Run(["-o", "ControlMaster=yes", "-o", "ControlPersist=no", "-o", $"ControlPath={socket}"], ["sh", "-c", $"echo {Ready}; exec cat"])
            .ToCommand()
            .WithStandardInputPipe(PipeSource.Create((_, _) => _closing.Task))
            .WithStandardOutputPipe(PipeTarget.ToDelegate(TakeLine))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(_errors))
            .ExecuteAsync(_kill.Token).Task;
    }

    /// <summary>The options of an ssh that uses a connection of its own, whatever the user's configuration says.</summary>
    public static IReadOnlyList<string> Alone { get; } = ["-o", "ControlMaster=no", "-o", "ControlPath=none"];

    /// <summary>The options of an ssh that shares this connection.</summary>
    public IReadOnlyList<string> Options { get; }

    /// <summary>Whether the connection stands.</summary>
    public bool IsAlive => !_process.IsCompleted;

    /// <summary>Opens a connection.</summary>
    /// <param name="target">The host.</param>
    /// <param name="address">The host as the user named it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The connection.</returns>
    /// <exception cref="HypervisorException">The host can't be reached or does not let us in.</exception>
    public static async Task<SshSharing> OpenAsync(SshTarget target, HostAddress address, CancellationToken cancellationToken)
    {
        SshSharing sharing;
        try
        {
            sharing = new(target);
        }
        catch (Win32Exception e)
        {
            throw new HypervisorToolException(target.Tool, $"It could not be started: {e.Message}", e) { Host = address };
        }

        try
        {
            await Task.WhenAny(sharing._ready.Task, sharing._process).WaitAsync(cancellationToken).ConfigureAwait(false);
            return sharing._ready.Task.IsCompleted ? sharing : throw VirshFailure.Of(await sharing.ReadEndAsync().ConfigureAwait(false), address);
        }
        catch
        {
            await sharing.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _closing.TrySetResult();
        await Task.WhenAny(_process, Task.Delay(ClosePatience)).ConfigureAwait(false);
        await _kill.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(_process, Task.Delay(ClosePatience)).ConfigureAwait(false);
        _folder.Dispose();
        _kill.Dispose();
    }

    private async Task<ToolRun> ReadEndAsync()
    {
        var result = await _process.ConfigureAwait(false);
        return new(_target.Tool, result.ExitCode, string.Empty, _errors.ToString());
    }

    // A login script may have something to say before.
    private void TakeLine(string line)
    {
        if (line.Equals(Ready, StringComparison.Ordinal))
        {
            _ready.TrySetResult();
        }
    }
}
