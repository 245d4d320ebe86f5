using VirtMigrate.Hypervisor.Processes;
using VirtMigrate.Hypervisor.Virsh.Running;

namespace VirtMigrate.Hypervisor.Virsh;

/// <summary>Asks one host by virsh.</summary>
/// <param name="place">Where virsh runs.</param>
/// <param name="address">The host.</param>
/// <param name="credential">What to answer when the host asks who is there.</param>
internal sealed class VirshClient(IVirshPlace place, HostAddress address, HostCredential? credential) : IVirsh
{
    private volatile bool _wasReached;
    private volatile bool _isLost;

    /// <inheritdoc/>
    public HostAddress Address => address;

    /// <summary>Whether nothing has said that the host is gone. A command that took too long, was killed or failed says no such thing.</summary>
    public bool IsAlive => !_isLost && place.IsAlive;

    /// <summary>Where virsh runs.</summary>
    public IVirshPlace Place => place;

    /// <summary>What to answer when the host asks who is there; null to have nothing to say.</summary>
    public HostCredential? Credential => credential;

    /// <inheritdoc/>
    public async Task<string> RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken, string? input = null)
    {
        var answers = await RunAsync(VirshScript.Of([command]).Single(), job => job with { Input = input }, cancellationToken).ConfigureAwait(false);
        return answers[0].Take();
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VirshAnswer>> RunManyAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancellationToken)
    {
        var answers = new List<VirshAnswer>(commands.Count);
        foreach (var script in commands.Count == 0 ? [] : VirshScript.Of(commands))
        {
            answers.AddRange(await RunAsync(script, job => job, cancellationToken).ConfigureAwait(false));
        }

        return answers;
    }

    /// <summary>Runs one command that takes as long as it takes.</summary>
    /// <param name="command">The command with its arguments.</param>
    /// <param name="files">The contents of the files that it names (<see cref="VirshJob.FileName"/>).</param>
    /// <param name="others">The other hosts that ask who is there.</param>
    /// <param name="interrupt">Interrupts it as the keyboard would.</param>
    /// <returns>A task that ends with the command.</returns>
    /// <exception cref="HypervisorException">It failed, or what became of it is not known.</exception>
    public async Task RunLongAsync(
        IReadOnlyList<string> command, IReadOnlyList<string> files, IEnumerable<VirshClient> others, CancellationToken interrupt)
    {
        var script = VirshScript.Of([command]).Single();
        var job = new VirshJob(script.Text) { Files = files, IsLong = true, Credentials = Credentials([this, .. others]) };
        var run = await place.RunAsync(job, CancellationToken.None, interrupt).ConfigureAwait(false);
        var answer = Read(script, run)[0];
        try
        {
            answer.Take();
        }
        catch (HypervisorException e) when (place.OutlivesClient && !command.Contains("--p2p", StringComparer.Ordinal) && e is { Error: { } error } and
            (HostConnectionLostException or HostUnreachableException))
        {
            // It is virsh on the host that says so: a connection of its own broke or did not come about, and with its answer it has done.
            throw new HypervisorException(error) { Host = address };
        }
    }

    /// <summary>Listens to one command for as long as it runs.</summary>
    /// <param name="command">The command with its arguments.</param>
    /// <param name="output">Is told each line that it prints.</param>
    /// <param name="error">Is told each line of its errors.</param>
    /// <param name="cancellationToken">Stops listening, and ends it.</param>
    /// <returns>A task that ends with the command.</returns>
    /// <exception cref="HypervisorException">It could not be started.</exception>
    public Task ListenAsync(IReadOnlyList<string> command, Action<string> output, Action<string> error, CancellationToken cancellationToken) =>
        place.ListenAsync(new(ShellWord.Join(command)) { Credentials = Credentials([this]) }, output, error, cancellationToken);

    /// <summary>Notes that the host's daemon, or the way to it, is gone.</summary>
    public void Lose() => _isLost = true;

    private static (HostAddress Host, HostCredential Credential)[] Credentials(IEnumerable<VirshClient> clients) =>
        [.. clients.Where(c => c.Credential is not null).Select(c => (c.Address, c.Credential!))];

    private async Task<IReadOnlyList<VirshAnswer>> RunAsync(VirshScript script, Func<VirshJob, VirshJob> complete, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(HostDeadlines.Command);
        try
        {
            var run = await place.RunAsync(complete(new(script.Text) { Credentials = Credentials([this]) }), deadline.Token).ConfigureAwait(false);
            return Read(script, run);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A command that hangs says nothing of the host, on which another one may be answered at once.
            throw new HostTimeoutException(address, HostDeadlines.Command) { Host = address };
        }
    }

    private IReadOnlyList<VirshAnswer> Read(VirshScript script, ToolRun run)
    {
        try
        {
            var answers = script.Read(run, address);
            _wasReached = true;
            return answers;
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
