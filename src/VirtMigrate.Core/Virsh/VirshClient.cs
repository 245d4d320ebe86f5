using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>One host's virsh, wherever it runs.</summary>
internal interface IVirsh
{
    /// <summary>The host, as the user named it.</summary>
    HostAddress Address { get; }

    /// <summary>Runs one command, and gives what it printed.</summary>
    /// <param name="command">The command and its arguments, each as it is meant: nothing in them is ever taken for more.</param>
    /// <param name="cancellationToken">Ends virsh.</param>
    /// <param name="input">What the command reads from <c>/dev/stdin</c>; null for nothing.</param>
    /// <exception cref="HypervisorException">The command failed, of the kind that fits; or virsh or ssh could not be run.</exception>
    Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, string? input = null);

    /// <summary>
    /// Runs many commands in as few processes as their length allows, and gives one result for each, in their order. What concerns the
    /// host and not one command is thrown.
    /// </summary>
    Task<IReadOnlyList<VirshResult>> RunManyAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancellationToken);
}

/// <summary>What came of one of many commands.</summary>
/// <param name="Output">What it printed.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
internal sealed record VirshResult(string Output, HypervisorException? Error)
{
    /// <summary>Whether the host's driver does not know a flag of the command.</summary>
    public bool IsUnknownFlag => Error is not null && (Error.Error?.Code == LibvirtErrorCode.InvalidArgument
        || Error.Message.Contains("unsupported flags (0x", StringComparison.Ordinal));

    /// <summary>Whether what was asked about has gone since it was listed.</summary>
    public bool IsGone => Error is VmNotFoundException || Error?.Error?.Code is
        LibvirtErrorCode.NoNetwork or LibvirtErrorCode.NoInterface or LibvirtErrorCode.NoNodeDevice or LibvirtErrorCode.NoStoragePool or
        LibvirtErrorCode.NoStorageVolume;

    /// <summary>What the command printed; where it failed, its error is thrown.</summary>
    public string OutputOrThrow() => Error is null ? Output : throw Error;

    /// <summary>Whether a failure says that this virsh is too old for an option.</summary>
    public static bool IsUnknownOption(HypervisorException? error) =>
        error is not null && error.Message.Contains("doesn't support option", StringComparison.Ordinal);

    /// <summary>What was printed of things that were listed before, leaving out those that have gone. Any other error is thrown.</summary>
    public static IEnumerable<(T Asked, string Output)> TakeUnlessGone<T>(IReadOnlyList<T> asked, IReadOnlyList<VirshResult> results) =>
        asked.Zip(results).Where(a => !a.Second.IsGone).Select(a => (a.First, a.Second.OutputOrThrow()));
}

/// <summary>Asks one host by virsh.</summary>
/// <param name="runner">Runs virsh.</param>
/// <param name="address">The host.</param>
/// <param name="credential">The user name and password for a host that asks for them.</param>
internal sealed class VirshClient(IVirshRunner runner, HostAddress address, HostCredential? credential) : IVirsh
{
    private volatile bool _wasReached;
    private volatile bool _isLost;

    /// <inheritdoc/>
    public HostAddress Address => address;

    /// <summary>Whether nothing has said that the host is gone. A command that took too long, was killed or failed says no such thing.</summary>
    public bool IsAlive => !_isLost && runner.IsAlive;

    public IVirshRunner Runner => runner;

    public HostCredential? Credential => credential;

    /// <inheritdoc/>
    public async Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, string? input = null)
    {
        var results = await RunAsync(VirshScript.Of([command]).Single(), input, cancellationToken).ConfigureAwait(false);
        return results[0].OutputOrThrow();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VirshResult>> RunManyAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancellationToken)
    {
        var results = new List<VirshResult>(commands.Count);
        foreach (var script in commands.Count == 0 ? [] : VirshScript.Of(commands))
        {
            results.AddRange(await RunAsync(script, input: null, cancellationToken).ConfigureAwait(false));
        }

        return results;
    }

    /// <summary>Runs one command that takes as long as it takes.</summary>
    /// <param name="command">The command with its arguments.</param>
    /// <param name="files">The contents of the files that it names (<see cref="VirshInvocation.FileName"/>).</param>
    /// <param name="others">The other hosts that it connects to, which may ask for credentials.</param>
    /// <param name="interrupt">Interrupts it as the keyboard would.</param>
    /// <exception cref="HypervisorException">It failed, or what became of it is not known.</exception>
    public async Task RunLongAsync(
        IReadOnlyList<string> command, IReadOnlyList<string> files, IEnumerable<VirshClient> others, CancellationToken interrupt)
    {
        var script = VirshScript.Of([command]).Single();
        var invocation = new VirshInvocation(script.Text) { Files = files, IsLong = true, Credentials = Credentials([this, .. others]) };
        var run = await runner.RunAsync(invocation, CancellationToken.None, interrupt).ConfigureAwait(false);
        var result = Read(script, run)[0];
        try
        {
            result.OutputOrThrow();
        }
        catch (HypervisorException e) when (runner.OutlivesClient && !command.Contains("--p2p", StringComparer.Ordinal) && e is { Error: { } error } and
            (HostConnectionLostException or HostUnreachableException))
        {
            // It is virsh on the host that says so: a connection of its own broke or did not come about, and with its answer it has done.
            throw new HypervisorException(error) { Host = address };
        }
    }

    /// <summary>Listens to one command, line by line, for as long as it runs; cancelling ends it.</summary>
    public Task ListenAsync(IReadOnlyList<string> command, Action<string> output, Action<string> error, CancellationToken cancellationToken) =>
        runner.ListenAsync(new(ShellWord.Join(command)) { Credentials = Credentials([this]) }, output, error, cancellationToken);

    /// <summary>Notes that the host's daemon, or the way to it, is gone.</summary>
    public void Lose() => _isLost = true;

    private static (HostAddress Host, HostCredential Credential)[] Credentials(IEnumerable<VirshClient> clients) =>
        [.. clients.Where(c => c.Credential is not null).Select(c => (c.Address, c.Credential!))];

    private async Task<IReadOnlyList<VirshResult>> RunAsync(VirshScript script, string? input, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(HostDeadlines.Command);
        try
        {
            var invocation = new VirshInvocation(script.Text) { Input = input, Credentials = Credentials([this]) };
            return Read(script, await runner.RunAsync(invocation, deadline.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A command that hangs says nothing of the host, on which another one may be answered at once.
            throw new HostTimeoutException(address, HostDeadlines.Command) { Host = address };
        }
    }

    private IReadOnlyList<VirshResult> Read(VirshScript script, ToolRun run)
    {
        try
        {
            var results = script.Read(run, address);
            _wasReached = true;
            return results;
        }
        catch (HostUnreachableException e) when (_wasReached)
        {
            // It was reached before: to those above that is a connection that broke.
            _isLost = true;
            throw new HostConnectionLostException(e.Error!, address);
        }
        catch (HypervisorException e) when (e is HostUnreachableException or HostConnectionLostException)
        {
            _isLost = true;
            throw;
        }
    }
}
