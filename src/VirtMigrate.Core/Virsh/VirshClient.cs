using System.Text;
using System.Xml.Linq;
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

    /// <summary>
    /// Reads everything of a kind that the host has, in two runs: the UUIDs of all and of those that are started, then the XML of each. What has
    /// gone by then is left out.
    /// </summary>
    /// <param name="kind">The kind, as commands begin with it, such as <c>net</c>.</param>
    /// <param name="root">The root element of its XML.</param>
    /// <param name="read">Reads one; is told whether it is started.</param>
    /// <param name="cancellationToken">Ends virsh.</param>
    async Task<IReadOnlyList<T>> ReadAllAsync<T>(string kind, string root, Func<XElement, bool, T> read, CancellationToken cancellationToken)
        where T : class
    {
        var lists = await RunManyAsync([[$"{kind}-list", "--uuid"], [$"{kind}-list", "--uuid", "--all"]], cancellationToken).ConfigureAwait(false);
        HashSet<Guid> active = [.. VirshOutput.Uuids(lists[0].OutputOrThrow())];
        var all = VirshOutput.Uuids(lists[1].OutputOrThrow());
        var answers = await RunManyAsync([.. all.Select(u => (string[])[$"{kind}-dumpxml", u.ToString()])], cancellationToken).ConfigureAwait(false);
        return
        [
            .. VirshResult.TakeUnlessGone(all, answers)
                .Select(a => VirshOutput.Xml(a.Output, root, x => VirshOutput.XmlUuid(x) == a.Asked ? read(x, active.Contains(a.Asked)) : null))
                .OfType<T>(),
        ];
    }
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

/// <summary>
/// Commands for one run of virsh, in virsh's own syntax. After each of them virsh is told to print a mark that nobody can know
/// beforehand, to both of its outputs: so answers can't run into each other, and an answer that was cut off is noticed.
/// </summary>
internal sealed class VirshScript
{
    // A line of arguments can be 32,767 characters long on Windows, and one argument 131,072 bytes on Linux.
    private const int Longest = 24_000;

    private readonly string _mark = $"virtmigrate-{Guid.NewGuid():N}";
    private readonly IReadOnlyList<IReadOnlyList<string>> _commands;

    private VirshScript(IReadOnlyList<IReadOnlyList<string>> commands)
    {
        _commands = commands;
        var text = new StringBuilder();
        foreach (var command in commands)
        {
            text.Append(ShellWord.Join(command)).Append("; echo ").Append(_mark).Append("; echo --err ").Append(_mark).Append("; ");
        }

        Text = text.ToString().TrimEnd(' ', ';');
        if (Text.Contains('\0', StringComparison.Ordinal))
        {
            throw new HypervisorException("A name or path that contains a NUL character can't be passed to virsh.");
        }
    }

    /// <summary>The script, as virsh takes it for its last argument.</summary>
    public string Text { get; }

    /// <summary>Puts commands into as few scripts as their length allows.</summary>
    public static IEnumerable<VirshScript> Of(IReadOnlyList<IReadOnlyList<string>> commands)
    {
        var (begin, length) = (0, 0);
        for (var i = 0; i < commands.Count; i++)
        {
            const int MarkLength = 120;
            var next = ShellWord.Join(commands[i]).Length + MarkLength;
            if (i > begin && length + next > Longest)
            {
                yield return new([.. commands.Skip(begin).Take(i - begin)]);
                (begin, length) = (i, 0);
            }

            length += next;
        }

        yield return new([.. commands.Skip(begin)]);
    }

    /// <summary>Reads what virsh answered.</summary>
    public IReadOnlyList<VirshResult> Read(ToolRun run, HostAddress address)
    {
        // In quiet mode virsh ends no line of its own accord; each error is a line.
        var outputs = run.Output.Split(_mark);
        var errors = run.Errors.Split(VirshErrors.Prefix + _mark + "\n");
        return outputs.Length == _commands.Count + 1 && errors.Length == _commands.Count + 1
            ? [.. _commands.Select((_, i) => new VirshResult(outputs[i], Error(errors[i], address)))]
            : throw VirshErrors.OfRun(run with { Errors = errors[^1] }, address);
    }

    private static HypervisorException? Error(string text, HostAddress address) =>
        VirshErrors.Read(text) is { } error ? HypervisorErrors.Classify(error, address) : null;
}

/// <summary>One run of virsh: a script in virsh's syntax, with what it needs.</summary>
internal sealed record VirshInvocation(string Script)
{
    /// <summary>What it reads from <c>/dev/stdin</c>; null for nothing.</summary>
    public string? Input { get; init; }

    /// <summary>The contents of files that it finds in its working directory, called as <see cref="FileName"/> has it.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>Whether it may take hours, so that nothing else is to be in its way nor it in anybody's.</summary>
    public bool IsLong { get; init; }

    /// <summary>The credentials for hosts that ask for them.</summary>
    public IReadOnlyList<(HostAddress Host, HostCredential Credential)> Credentials { get; init; } = [];

    /// <summary>The name of the file at a place in <see cref="Files"/>, which is one word for every shell.</summary>
    public static string FileName(int index) => FormattableString.Invariant($"./{index + 1}.xml");
}
