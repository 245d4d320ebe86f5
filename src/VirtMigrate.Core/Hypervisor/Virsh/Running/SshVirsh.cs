using System.Globalization;
using VirtMigrate.Hypervisor.Processes;

namespace VirtMigrate.Hypervisor.Virsh.Running;

/// <summary>Virsh on the host itself, started by ssh.</summary>
internal sealed class SshVirsh : IVirshPlace
{
    // An ssh server lets ten sessions share a connection (MaxSessions); events and the connection itself take one each.
    private const int SessionsAtOnce = 6;

    // Puts its input into files of the sizes that it is told, and runs the rest of its arguments beside them.
    private const string BesideFiles =
        "d=$(mktemp -d) && cd \"$d\" || exit 127; while [ \"$1\" != -- ]; do i=$((i+1)); head -c \"$1\" >\"$i.xml\"; shift; done; shift; " +
        "\"$@\" </dev/null; r=$?; cd /; rm -rf \"$d\"; exit $r";

    private readonly HostAddress _address;
    private readonly SshTarget _target;
    private readonly SshSharing? _sharing;
    private readonly SemaphoreSlim _sessions = new(SessionsAtOnce, SessionsAtOnce);

    private SshVirsh(HostAddress address, SshTarget target, SshSharing? sharing) => (_address, _target, _sharing) = (address, target, sharing);

    /// <inheritdoc/>
    public bool IsAlive => _sharing is not { IsAlive: false };

    /// <inheritdoc/>
    public bool OutlivesClient => true;

    /// <summary>Opens a connection to the host that all runs share, where the ssh of this machine can share one.</summary>
    /// <param name="address">The host.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its virsh.</returns>
    /// <exception cref="HypervisorException">The host can't be reached or does not let us in.</exception>
    public static async Task<SshVirsh> OpenAsync(HostAddress address, CancellationToken cancellationToken)
    {
        var target = new SshTarget(address);

        // The ssh that comes with Windows can't share connections.
        var sharing = OperatingSystem.IsWindows() ? null : await SshSharing.OpenAsync(target, address, cancellationToken).ConfigureAwait(false);
        return new(address, target, sharing);
    }

    /// <inheritdoc/>
    public async Task<ToolRun> RunAsync(VirshJob job, CancellationToken cancellationToken, CancellationToken interrupt = default)
    {
        if (job.IsLong)
        {
            // An interrupt would end this ssh alone, and virsh would go on unseen: whoever wants to end it asks the host to.
            return await ToolProcess.RunAsync(Command(job, SshSharing.Alone), Input(job), cancellationToken, CancellationToken.None).ConfigureAwait(false);
        }

        await _sessions.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await ToolProcess.RunAsync(Command(job, Shared), Input(job), cancellationToken, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            _sessions.Release();
        }
    }

    /// <inheritdoc/>
    public Task ListenAsync(VirshJob job, Action<string> output, Action<string> error, CancellationToken cancellationToken) =>
        ToolProcess.ListenAsync(_target.Run(Shared, TiedProcess.Words(Words(job.Script))), output, error, cancellationToken);

    /// <inheritdoc/>
    public string UriOf(HostAddress host) => SshTarget.UriFrom(host, _address);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_sharing is not null)
        {
            await _sharing.DisposeAsync().ConfigureAwait(false);
        }
    }

    private IReadOnlyList<string> Shared => _sharing?.Options ?? [];

    private static string? Input(VirshJob job) => job.Files.Count > 0 ? string.Concat(job.Files) : job.Input;

    private ToolCommand Command(VirshJob job, IReadOnlyList<string> options) => job.Files.Count == 0
        ? _target.Run(options, Words(job.Script))
        : _target.Run(options, ["sh", "-c", BesideFiles, "sh", .. job.Files.Select(Size), "--", .. Words(job.Script)]);

    private static string Size(string file) => System.Text.Encoding.UTF8.GetByteCount(file).ToString(CultureInfo.InvariantCulture);

    private IReadOnlyList<string> Words(string script) => ToolLocale.Words([LocalVirsh.Tool, "-q", "-c", _target.LibvirtUri, script]);
}
