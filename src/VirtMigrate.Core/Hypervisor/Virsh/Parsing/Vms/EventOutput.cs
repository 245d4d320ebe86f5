using System.Globalization;

namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>Reads what <c>virsh event</c> prints of one event.</summary>
internal static class EventOutput
{
    private const string Begin = "event '";
    private const string ForDomain = "' for domain ";
    private const string Separator = ": ";
    private const int Completed = 3;

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
    /// <param name="line">The line.</param>
    /// <returns>False for one that belongs to the event before.</returns>
    public static bool IsBegin(string line) => line.StartsWith(Begin, StringComparison.Ordinal) && line.Contains(ForDomain, StringComparison.Ordinal);

    /// <summary>Reads the lines of one event.</summary>
    /// <param name="lines">The lines.</param>
    /// <returns>The event; null for one of no interest here.</returns>
    /// <exception cref="VirshOutputException">They are something else.</exception>
    public static ParsedEvent? Read(IReadOnlyList<string> lines)
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
            : throw new VirshOutputException("a pass of a migration", rest);
    }

    private static ParsedEvent ReadJob(string rest, IReadOnlyList<string> lines)
    {
        if (!rest.EndsWith(':'))
        {
            throw new VirshOutputException("the end of a job", rest);
        }

        IReadOnlyList<TypedParameter> values = DomjobinfoOutput.ReadValues(lines.Skip(1).Select(l => l.StartsWith('\t') ? l[1..] : l));
        return new(Names(rest[..^1]), vm => new JobCompletedEvent(vm, JobStatisticsReader.Read(Completed, values)));
    }

    private static (string Domain, string Text) Split(string rest)
    {
        var end = rest.LastIndexOf(Separator, StringComparison.Ordinal);
        return end > 0 ? (rest[..end], rest[(end + Separator.Length)..]) : throw new VirshOutputException("an event of a VM", rest);
    }

    // Virsh puts names into quotes since 6.8; a name may have quotes of its own.
    private static string[] Names(string text) => text is ['\'', .. var inner, '\''] ? [inner, text] : [text];
}
