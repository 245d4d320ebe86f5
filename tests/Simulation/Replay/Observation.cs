using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;

namespace VirtMigrate.Simulation.Replay;

/// <summary>Two things that were observed one after the other.</summary>
/// <param name="Of">What was observed: a host, its events alone, its statistics, its answers to requests.</param>
/// <param name="From">What was observed before.</param>
/// <param name="To">What was observed then.</param>
internal readonly record struct Transition(string Of, string From, string To)
{
    /// <summary>Whether it is about the order of a host's events.</summary>
    public bool IsOfEvents => Of.EndsWith(ObservationTrail.EventsAlone, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{Of}: {From} -> {To}";
}

/// <summary>
/// What a migration's events show of the world, without times, figures and texts, and the transitions that follow: for each host what looks,
/// events, job readings and the call's end told of it, in the order in which this side learned of it; the events of each host alone, whose
/// order is libvirt's own; how the call ended with what looks find on both hosts then; and the readings of statistics and definitions, and the answers to requests, among themselves.
/// </summary>
internal sealed class ObservationTrail
{
    private const string Begin = "begin";
    private const string Source = "source";
    private const string Destination = "destination";
    public const string EventsAlone = "'s events";
    private const string Both = "both hosts after the call";

    // virDomainEventType.
    private static readonly string[] Kinds =
        ["defined", "undefined", "started", "suspended", "resumed", "stopped", "shutdown", "pmsuspended", "crashed"];

    private readonly Dictionary<string, string> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<MigrationEnd, string> _looks = [];
    private string? _call;

    /// <summary>Tells what an event of the machine shows.</summary>
    /// <param name="happened">The event.</param>
    /// <returns>A text; null where it shows nothing of the world.</returns>
    public static string? Describe(MigrationEvent happened) => happened switch
    {
        MigrationEvent.InstanceSeen { Instance: var instance } => "look: " + (instance.Error is not null ? "unseen" : instance.Status?.ToString() ?? "absent"),
        MigrationEvent.Heard { Happened: var told } => "event: " + Describe(told),
        MigrationEvent.JobSeen { Reading: var reading } => "job: " + Describe(reading),
        MigrationEvent.JobUnseen { Failure: var failure } => "job: unseen, " + Kind(failure),
        MigrationEvent.CallDelayed => "call delayed",
        MigrationEvent.CallReturned => "call returned",
        MigrationEvent.CallFailed { Failure: var failure, WasMade: var wasMade } => $"call {(wasMade ? "failed" : "not made")}, {Kind(failure)}",
        MigrationEvent.CompletedSeen { Statistics: var statistics } => statistics is null ? "none" : $"{statistics.Operation} {(statistics.Success == false ? "failed" : "completed")}",
        MigrationEvent.DefinitionSeen { IsKnown: var isKnown, Definition: var definition } => !isKnown ? "unseen" : definition is null ? "absent" : "there",
        MigrationEvent.MaxDowntimeSeen => "downtime limit read",
        MigrationEvent.Done { Request: var request } => $"{request} done",
        MigrationEvent.Refused { Request: var request, Failure: var failure } => $"{request} refused, {Kind(failure)}",
        MigrationEvent.DestinationClosed => "connection closed",
        MigrationEvent.DestinationReopened => "connection open again",
        MigrationEvent.DestinationUnreachable => "connection not to be opened",
        _ => null,
    };

    /// <summary>Takes an event of the machine.</summary>
    /// <param name="happened">The event.</param>
    /// <returns>The transitions that it makes.</returns>
    public IEnumerable<Transition> Take(MigrationEvent happened)
    {
        if (Describe(happened) is not { } shown)
        {
            yield break;
        }

        foreach (var of in Of(happened))
        {
            var from = _last.GetValueOrDefault(of, Begin);
            _last[of] = shown;
            if (!string.Equals(from, shown, StringComparison.Ordinal))
            {
                yield return new(of, from, shown);
            }
        }

        if (happened is MigrationEvent.CallReturned or MigrationEvent.CallFailed)
        {
            _call = shown;
            _looks.Clear();
        }

        if (happened is MigrationEvent.InstanceSeen { End: var end } && _call is not null)
        {
            _looks[end] = shown;
            if (_looks.Count == 2)
            {
                yield return new(Both, _call, $"{_looks[MigrationEnd.Source]} at the source, {_looks[MigrationEnd.Destination]} at the destination");
            }
        }
    }

    private static string[] Of(MigrationEvent happened) => happened switch
    {
        MigrationEvent.InstanceSeen { End: var end } => [Host(end)],
        MigrationEvent.Heard { End: var end, Happened: LifecycleEvent or JobCompletedEvent } => [Host(end), Host(end) + EventsAlone],
        MigrationEvent.Heard { End: var end } => [Host(end)],
        MigrationEvent.JobSeen or MigrationEvent.JobUnseen => [Source],
        MigrationEvent.CallReturned or MigrationEvent.CallFailed => [Source, Destination],
        MigrationEvent.CompletedSeen { End: var end } => [Host(end) + "'s statistics"],
        MigrationEvent.DefinitionSeen { End: var end } => [Host(end) + "'s definition"],
        MigrationEvent.CallDelayed or MigrationEvent.DestinationClosed or MigrationEvent.DestinationReopened or MigrationEvent.DestinationUnreachable => ["connection"],
        _ => ["requests"],
    };

    private static string Host(MigrationEnd end) => end == MigrationEnd.Source ? Source : Destination;

    private static string Describe(DomainEvent told) => told switch
    {
        LifecycleEvent { Kind: var kind, Detail: var detail } => $"{((uint)kind < (uint)Kinds.Length ? Kinds[kind] : $"kind {kind}")} {detail}",
        JobCompletedEvent { Statistics: var statistics } => $"{statistics.Operation} {(statistics.Success == false ? "failed" : "completed")}",
        MigrationIterationEvent => "iteration",
        _ => told.GetType().Name,
    };

    private static string Describe(JobReading? reading) => reading switch
    {
        null => "no VM",
        { IsHidden: true } => "hidden",
        { IsIncoming: true } => "incoming",
        { Statistics: { } statistics } => statistics.Operation + (statistics.IsFailed ? ", failed" : statistics.IsCompleted ? ", completed" : string.Empty),
        _ => "none",
    };

    private static string Kind(Exception failure) => failure is FailureException { Failure: var reason } ? reason.Id : failure.GetType().Name;
}
