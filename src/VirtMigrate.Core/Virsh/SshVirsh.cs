using System.ComponentModel;
using System.Globalization;
using System.Text;
using CliWrap;
using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Virsh on the host itself, started by ssh.</summary>
internal sealed class SshVirsh : IVirshRunner
{
    // An ssh server lets ten sessions share a connection (MaxSessions); events and the connection itself take one each.
    private const int SessionsAtOnce = 6;

    // Puts its input into files of the sizes that it is told, and runs the rest of its arguments beside them.
    private const string BesideFiles =
        "d=$(mktemp -d) && cd \"$d\" || exit 127; while [ \"$1\" != -- ]; do i=$((i+1)); head -c \"$1\" >\"$i.xml\"; shift; done; shift; " +
        "\"$@\" </dev/null; r=$?; cd /; rm -rf \"$d\"; exit $r";

    private readonly HostAddress _address;
    private readonly SshTarget _target;
    private readonly SshControlMaster? _master;
    private readonly SemaphoreSlim _sessions = new(SessionsAtOnce, SessionsAtOnce);

    private SshVirsh(HostAddress address, SshTarget target, SshControlMaster? master) => (_address, _target, _master) = (address, target, master);

    public bool IsAlive => _master is not { IsAlive: false };

    public bool OutlivesClient => true;

    /// <summary>Opens a connection to the host that all runs share, where the ssh of this machine can share one.</summary>
    public static async Task<SshVirsh> OpenAsync(HostAddress address, CancellationToken cancellationToken)
    {
        var target = new SshTarget(address);

        // The ssh that comes with Windows can't share connections.
        var master = OperatingSystem.IsWindows() ? null : await SshControlMaster.OpenAsync(target, address, cancellationToken).ConfigureAwait(false);
        return new(address, target, master);
    }

    public async Task<ToolRun> RunAsync(VirshInvocation invocation, CancellationToken cancellationToken, CancellationToken interrupt = default)
    {
        if (invocation.IsLong)
        {
            // An interrupt would end this ssh alone, and virsh would go on unseen: whoever wants to end it asks the host to.
            return await ToolProcess.RunAsync(Command(invocation, SshControlMaster.Alone), Input(invocation), cancellationToken, CancellationToken.None).ConfigureAwait(false);
        }

        await _sessions.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ToolProcess.RunAsync(Command(invocation, Shared), Input(invocation), cancellationToken, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sessions.Release();
        }
    }

    public Task ListenAsync(VirshInvocation invocation, Action<string> output, Action<string> error, CancellationToken cancellationToken) =>
        ToolProcess.ListenAsync(_target.Run(Shared, ToolProcess.UntilInputEnds(Words(invocation.Script))), output, error, cancellationToken);

    public string UriOf(HostAddress host) => SshTarget.UriFrom(host, _address);

    public async ValueTask DisposeAsync()
    {
        if (_master is not null)
        {
            await _master.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IReadOnlyList<string> Shared => _master?.Options ?? [];

    private static string? Input(VirshInvocation invocation) => invocation.Files.Count > 0 ? string.Concat(invocation.Files) : invocation.Input;

    private ToolCommand Command(VirshInvocation invocation, IReadOnlyList<string> options) => invocation.Files.Count == 0
        ? _target.Run(options, Words(invocation.Script))
        : _target.Run(options, ["sh", "-c", BesideFiles, "sh", .. invocation.Files.Select(Size), "--", .. Words(invocation.Script)]);

    private static string Size(string file) => Encoding.UTF8.GetByteCount(file).ToString(CultureInfo.InvariantCulture);

    private IReadOnlyList<string> Words(string script) => ToolLocale.Words([LocalVirsh.Tool, "-q", "-c", _target.LibvirtUri, script]);
}

/// <summary>
/// One ssh connection that others share (ControlMaster). It lasts as long as its input is open, so that it ends with this process,
/// however this process ends.
/// </summary>
internal sealed class SshControlMaster : IAsyncDisposable
{
    private const string Ready = "virtmigrate-ready";
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly PrivateFolder _folder = new();
    private readonly TaskCompletionSource _closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _kill = new();
    private readonly StringBuilder _errors = new();
    private readonly Task<CommandResult> _process;
    private readonly SshTarget _target;

    private SshControlMaster(SshTarget target)
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

    public static async Task<SshControlMaster> OpenAsync(SshTarget target, HostAddress address, CancellationToken cancellationToken)
    {
        SshControlMaster master;
        try
        {
            master = new(target);
        }
        catch (Win32Exception e)
        {
            throw new HypervisorToolException(target.Tool, $"could not be started: {e.Message}", e) { Host = address };
        }

        try
        {
            await Task.WhenAny(master._ready.Task, master._process).WaitAsync(cancellationToken).ConfigureAwait(false);
            return master._ready.Task.IsCompleted ? master : throw VirshErrors.OfRun(await master.ReadEndAsync().ConfigureAwait(false), address);
        }
        catch
        {
            await master.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closing.TrySetResult();
        await Task.WhenAny(_process, Task.Delay(CloseTimeout)).ConfigureAwait(false);
        await _kill.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(_process, Task.Delay(CloseTimeout)).ConfigureAwait(false);
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
