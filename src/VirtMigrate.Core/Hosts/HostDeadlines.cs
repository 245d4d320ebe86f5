namespace VirtMigrate.Hosts;

/// <summary>
/// How long a host may take, by what is asked of it. Nothing goes to a host without one of these, except a migration that has begun,
/// which takes as long as it takes, and a command that listens.
/// </summary>
internal static class HostDeadlines
{
    /// <summary>To open a host.</summary>
    public static readonly TimeSpan Open = TimeSpan.FromSeconds(30);

    /// <summary>To open one more connection to a host that is open.</summary>
    public static readonly TimeSpan OpenAnother = TimeSpan.FromSeconds(10);

    /// <summary>To look at one VM or at the host.</summary>
    public static readonly TimeSpan Look = TimeSpan.FromSeconds(10);

    /// <summary>To ask all QEMUs of a host.</summary>
    public static readonly TimeSpan Monitors = TimeSpan.FromSeconds(10);

    /// <summary>To list everything of a kind, or to ask what may start emulators.</summary>
    public static readonly TimeSpan List = TimeSpan.FromSeconds(60);

    /// <summary>To change something.</summary>
    public static readonly TimeSpan Change = TimeSpan.FromSeconds(35);

    /// <summary>To run a command of virsh.</summary>
    public static readonly TimeSpan Command = TimeSpan.FromSeconds(60);

    /// <summary>To get a migration as far as the call that can't be taken back.</summary>
    public static readonly TimeSpan Prepare = TimeSpan.FromSeconds(70);

    /// <summary>To ask for events.</summary>
    public static readonly TimeSpan Events = TimeSpan.FromSeconds(5);

    /// <summary>To close a connection.</summary>
    public static readonly TimeSpan Close = TimeSpan.FromSeconds(5);

    /// <summary>How many calls to one host may be past their deadline before it is not asked again.</summary>
    public const int MostAbandoned = 8;

    /// <summary>All of them, with the reasons.</summary>
    public static IReadOnlyList<DeadlineRow> Table { get; } =
    [
        new("A host is connected.", Open, "Name resolution, ssh, TLS and login; virsh waits as long for a silent host."),
        new("One more connection to a connected host.", OpenAnother, "The host answered before, and keys and names are known to be good."),
        new("A query of one VM or of the host.", Look, "Milliseconds, unless the host hangs."),
        new("A query of all QEMU processes of a host.", Monitors, "One that does not respond holds up the answer for all; the query is then made without QEMU."),
        new("A query that lists everything, or that starts emulators.", List, "One call for each of thousands of VMs or volumes; capabilities that are not cached yet."),
        new("A change.", Change, "Libvirt waits 30 s for a VM's job lock, and its refusal must still arrive."),
        new("A run of virsh.", Command, "Includes the connection; virsh notices a silent host after 30 s."),
        new("A migration, until libvirt is called.", Prepare, "Two connections to hosts, and one query."),
        new("The subscription to events.", Events, "A caller waits for it; without events, only statistics are polled."),
        new("A connection is closed.", Close, "The host is told."),
    ];
}

/// <summary>One row of a table of deadlines, for docs/en-US/about_VmMigration.md.</summary>
/// <param name="What">What may take so long.</param>
/// <param name="Time">How long.</param>
/// <param name="Why">Why, and from what that follows.</param>
internal sealed record DeadlineRow(string What, TimeSpan Time, string Why)
{
    /// <summary>The row of the page's Markdown table.</summary>
    public override string ToString() => $"| {What} | {InWords(Time)} | {Why} |";

    private static string InWords(TimeSpan time) => time switch
    {
        { TotalSeconds: < 1 } => $"{time.TotalMilliseconds:0} ms",
        { TotalMinutes: < 2 } => $"{time.TotalSeconds:0} s",
        { TotalDays: < 1 } => $"{time.TotalMinutes:0} min",
        _ => $"{time.TotalDays:0} days",
    };
}

/// <summary>Asks all QEMUs of a host at once, which one that does not answer its monitor holds up for all.</summary>
internal static class MonitorTimeout
{
    /// <summary>Reads something of all VMs; without asking their QEMUs where that takes too long.</summary>
    /// <param name="read">Reads it; is told whether QEMUs may be asked.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    public static async Task<T> ReadAsync<T>(Func<bool, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(HostDeadlines.Monitors);
        try
        {
            return await read(true, timeout.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await read(false, cancellationToken).ConfigureAwait(false);
        }
    }
}
