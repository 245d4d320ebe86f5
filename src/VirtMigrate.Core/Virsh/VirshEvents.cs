using System.Globalization;
using System.Threading.Channels;
using VirtMigrate.Hosts;

namespace VirtMigrate.Virsh;

/// <summary>Hands the domain events of one host to their listeners. A virsh listens as long as somebody here does.</summary>
internal sealed class VirshEvents : IAsyncDisposable
{
    private readonly VirshClient _virsh;
    private readonly DomainEventListeners _listeners;
    private CancellationTokenSource? _stop;
    private Task _listening = Task.CompletedTask;

    public VirshEvents(VirshClient virsh)
    {
        _virsh = virsh;
        _listeners = new(Start, Stop);
    }

    public IDisposable Subscribe(Guid? vm, Action<DomainEvent> listener) => _listeners.Add(vm, listener);

    public async ValueTask DisposeAsync()
    {
        _listeners.End();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Start()
    {
        _stop = new();
        _listening = new VirshEventStream(_virsh, _listeners.Publish).RunAsync(_stop.Token);
    }

    private void Stop()
    {
        _stop?.Cancel();
        _stop?.Dispose();
        _stop = null;
    }
}

/// <summary>Listens to a host by <c>virsh event --all --loop</c>.</summary>
internal sealed class VirshEventStream(VirshClient virsh, Action<DomainEvent> publish)
{
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(2);

    // What virsh prints of one event comes at once.
    private static readonly TimeSpan EventEnd = TimeSpan.FromMilliseconds(50);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private VirshVmList? _vms;

    /// <summary>Listens, and begins again where virsh ends, until it is told to stop or the host is lost.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var reading = ReadAsync(cancellationToken);
        while (!cancellationToken.IsCancellationRequested && virsh.IsAlive)
        {
            await ListenAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.Delay(BetweenTries, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        using var listening = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        void NoteLoss(string line)
        {
            // It would go on listening to nothing.
            if (VirshErrors.IsDisconnection(line))
            {
                virsh.Lose();
                listening.Cancel();
            }
        }

        try
        {
            await virsh.ListenAsync(["event", "--all", "--loop"], line => _lines.Writer.TryWrite(line), NoteLoss, listening.Token).ConfigureAwait(false);
        }
        catch (HypervisorToolException)
        {
            // A program that is missing is told by whatever else is asked of the host; statistics alone are watched then.
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var block = new List<string>();
        while (true)
        {
            if (block.Count > 0 && await IsQuietAsync(cancellationToken).ConfigureAwait(false))
            {
                await PublishAsync(block, cancellationToken).ConfigureAwait(false);
                block.Clear();
            }

            var line = await _lines.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (VirshEventText.IsBegin(line) && block.Count > 0)
            {
                await PublishAsync(block, cancellationToken).ConfigureAwait(false);
                block.Clear();
            }

            block.Add(line);
        }
    }

    private async Task<bool> IsQuietAsync(CancellationToken cancellationToken)
    {
        using var quiet = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        quiet.CancelAfter(EventEnd);
        try
        {
            return !await _lines.Reader.WaitToReadAsync(quiet.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
    }

    private async Task PublishAsync(IReadOnlyList<string> block, CancellationToken cancellationToken)
    {
        try
        {
            if (VirshEventText.Parse(block) is { } parsed && await FindAsync(parsed.Names, cancellationToken).ConfigureAwait(false) is { } vm)
            {
                publish(parsed.ToEvent(vm));
            }
        }
        catch (HypervisorException)
        {
            // What can't be read is no event that anybody waits for; what the host does is looked up as well.
        }
    }

    // A name that was never seen is a VM's that came meanwhile.
    private async Task<Guid?> FindAsync(IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        if (Find(names) is { } known)
        {
            return known;
        }

        _vms = await VirshVmList.ReadAsync(virsh, cancellationToken).ConfigureAwait(false);
        return Find(names);
    }

    private Guid? Find(IReadOnlyList<string> names) => names.Select(n => _vms?.Find(n)?.Uuid).FirstOrDefault(u => u is not null);
}

/// <summary>Reads what <c>virsh event</c> prints of one event.</summary>
internal static class VirshEventText
{
    private const string Begin = "event '";
    private const string ForDomain = "' for domain ";
    private const string Separator = ": ";

    // By virDomainEventType, and below by the detail that belongs to it.
    private static readonly string[] Kinds =
        ["Defined", "Undefined", "Started", "Suspended", "Resumed", "Stopped", "Shutdown", "PMSuspended", "Crashed"];

    private static readonly string[][] Details =
    [
        ["Added", "Updated", "Renamed", "Snapshot"],
        ["Removed", "Renamed"],
        ["Booted", "Migrated", "Restored", "Snapshot", "Event wakeup"],
        ["Paused", "Migrated", "I/O Error", "Watchdog", "Restored", "Snapshot", "API error", "Post-copy", "Post-copy Error"],
        ["Unpaused", "Migrated", "Snapshot", "Post-copy", "Post-copy Error"],
        ["Shutdown", "Destroyed", "Crashed", "Migrated", "Saved", "Failed", "Snapshot"],
        ["Finished", "Finished after guest request", "Finished after host request"],
        ["Memory", "Disk"],
        ["Panicked", "Crashloaded"],
    ];

    /// <summary>Whether a line begins an event.</summary>
    public static bool IsBegin(string line) => line.StartsWith(Begin, StringComparison.Ordinal) && line.Contains(ForDomain, StringComparison.Ordinal);

    /// <summary>Reads the lines of one event.</summary>
    public static ParsedEvent? Parse(IReadOnlyList<string> lines)
    {
        var first = lines[0];
        var name = IsBegin(first) ? first.IndexOf(ForDomain, StringComparison.Ordinal) : -1;
        if (name < 0)
        {
            throw new VirshOutputException("an event", first);
        }

        var rest = first[(name + ForDomain.Length)..];
        return first[Begin.Length..name] switch
        {
            "lifecycle" => ReadLifecycle(rest),
            "migration-iteration" => ReadIteration(rest),
            "job-completed" => ReadJob(rest, lines),
            _ => null,
        };
    }

    private static ParsedEvent ReadLifecycle(string rest)
    {
        var (domain, text) = Split(rest);
        var kind = Array.FindIndex(Kinds, k => text.StartsWith(k + " ", StringComparison.Ordinal));
        return kind < 0
            ? throw new VirshOutputException("a change of a VM's state", text)
            : new(Names(domain), vm => new LifecycleEvent(vm, kind, Array.IndexOf(Details[kind], text[(Kinds[kind].Length + 1)..])));
    }

    private static ParsedEvent ReadIteration(string rest)
    {
        const string Label = ": iteration: '";
        var end = rest.LastIndexOf(Label, StringComparison.Ordinal);
        return end > 0 && rest.EndsWith('\'')
            && int.TryParse(rest[(end + Label.Length)..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var iteration)
            ? new(Names(rest[..end]), vm => new MigrationIterationEvent(vm, iteration))
            : throw new VirshOutputException("an iteration of a migration", rest);
    }

    private static ParsedEvent ReadJob(string rest, IReadOnlyList<string> lines)
    {
        if (!rest.EndsWith(':'))
        {
            throw new VirshOutputException("the end of a job", rest);
        }

        IReadOnlyList<TypedParameter> values = VirshJobs.ParseValues(lines.Skip(1).Select(l => l.StartsWith('\t') ? l[1..] : l));
        return new(Names(rest[..^1]), vm => new JobCompletedEvent(vm, JobStatisticsReader.Read(JobStatisticsReader.JobCompleted, values)));
    }

    private static (string Domain, string Text) Split(string rest)
    {
        var end = rest.LastIndexOf(Separator, StringComparison.Ordinal);
        return end > 0 ? (rest[..end], rest[(end + Separator.Length)..]) : throw new VirshOutputException("an event of a VM", rest);
    }

    // Virsh puts names into quotes since 6.8; a name may have quotes of its own.
    private static string[] Names(string text) => text is ['\'', .. var inner, '\''] ? [inner, text] : [text];
}

/// <summary>An event as virsh tells it, with a VM's name where libvirt has a UUID.</summary>
/// <param name="Names">What the VM may be called, the likelier first.</param>
/// <param name="ToEvent">Makes the event when the VM is known.</param>
internal sealed record ParsedEvent(IReadOnlyList<string> Names, Func<Guid, DomainEvent> ToEvent);
