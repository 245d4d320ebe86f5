using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Migration;

/// <summary>
/// Keeps all that both hosts tell of a migration, from before it to after it: what they were seen to have, their statistics and definitions, their
/// events. What a host said before already is no news. It asks for what was before, and concludes nothing.
/// </summary>
/// <param name="machine">The machine.</param>
internal sealed class EvidenceRegion(MigrationMachine machine)
{
    private readonly HashSet<Awaited> _preparing = [];
    private readonly Dictionary<MigrationEnd, Sight> _sights = [];
    private readonly Dictionary<MigrationEnd, JobStatistics?> _completedBefore = [];
    private readonly Dictionary<MigrationEnd, JobStatistics?> _completed = [];
    private readonly Dictionary<MigrationEnd, string?> _definitionBefore = [];
    private readonly List<HeardTrouble> _heard = [];
    private bool _toldOfPostCopy;
    private bool _sourceSaidMoved;
    private bool _destinationSaidMoved;
    private bool _hasDestinationStarted;
    private bool _hasDestinationStopped;
    private TimeSpan? _leftAt;
    private TimeSpan? _resumedAt;
    private InstanceState? _sourceEnd;
    private InstanceState? _destinationEnd;

    /// <summary>Whether nothing has to be known any more before the call.</summary>
    public bool IsPrepared => _preparing.Count == 0;

    /// <summary>Whether the guest was seen to execute on the destination.</summary>
    public bool IsOnDestination => SightOf(MigrationEnd.Destination).Instance is { IsExecuting: true };

    /// <summary>Whether the source's last answer, after the call, showed no job of the VM that runs.</summary>
    public bool IsJobOver { get; private set; }

    /// <summary>Whether the destination told that its half has started, and not yet that it has stopped.</summary>
    public bool IsStopUntold => _hasDestinationStarted && !_hasDestinationStopped;

    /// <summary>What the hosts told of trouble.</summary>
    public IReadOnlyList<HeardTrouble> Heard => _heard;

    /// <summary>How long the guest stood still in a switch to post-copy, by both hosts' events; null where they do not tell.</summary>
    public TimeSpan? PostCopyDowntime => _resumedAt - _leftAt is { Ticks: >= 0 } downtime ? downtime : null;

    /// <summary>Whether the source told that the guest left, and so would have told of post-copy.</summary>
    public bool HasHeardLeaving => _leftAt is not null;

    /// <summary>Listens, and asks for what both hosts say before: what is the same afterwards is no news.</summary>
    public void Prepare()
    {
        var isLive = machine.Plan.IsLive;
        foreach (var end in (MigrationEnd[])[MigrationEnd.Source, MigrationEnd.Destination])
        {
            _preparing.Add(new(AwaitedKind.Listening, end));
            machine.Emit(new MigrationCommand.Listen(end));
            _preparing.Add(new(isLive ? AwaitedKind.Statistics : AwaitedKind.Definition, end));
            machine.Emit(isLive ? new MigrationCommand.ReadCompleted(end) : new MigrationCommand.ReadDefinition(end));
        }
    }

    /// <summary>Tells what the last look at a host found.</summary>
    /// <param name="end">The host.</param>
    /// <returns>What was found; nothing where there was no look yet.</returns>
    public Sight SightOf(MigrationEnd end) => _sights.GetValueOrDefault(end) ?? new();

    /// <summary>Tells whether a host was asked, since the call, for the statistics of the VM's last ended job.</summary>
    /// <param name="end">The host.</param>
    /// <returns>Whether it was, and has answered.</returns>
    public bool HasCompleted(MigrationEnd end) => _completed.ContainsKey(end);

    /// <summary>Tells a host's statistics of the VM's last ended job.</summary>
    /// <param name="end">The host.</param>
    /// <returns>The statistics; null where there are none, or none that were not there before.</returns>
    public JobStatistics? CompletedOf(MigrationEnd end) => _completed.GetValueOrDefault(end);

    /// <summary>Takes an answer in that tells what was before, also where it is late and the call is not made any more.</summary>
    /// <param name="happened">The event.</param>
    /// <returns>Whether it was such an answer, which is no news for anybody.</returns>
    public bool TakeBefore(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.Listening { End: var end } when _preparing.Remove(new(AwaitedKind.Listening, end)):
                return true;
            case MigrationEvent.CompletedSeen { End: var end, Statistics: var statistics } when _preparing.Remove(new(AwaitedKind.Statistics, end)):
                _completedBefore[end] = statistics;
                return true;
            case MigrationEvent.DefinitionSeen { End: var end, Definition: var definition, IsKnown: var isKnown }
                when _preparing.Remove(new(AwaitedKind.Definition, end)):
                if (isKnown)
                {
                    _definitionBefore[end] = definition;
                }

                return true;
            default:
                return false;
        }
    }

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public void Take(MigrationEvent happened)
    {
        switch (happened)
        {
            case MigrationEvent.Heard { End: var end, Happened: var told } when machine.Call.WasMade:
                TakeHeard(end, told);
                break;
            case MigrationEvent.InstanceSeen { End: var end, Instance: var instance }:
                TakeInstance(end, instance);
                break;
            case MigrationEvent.JobSeen { Reading: var reading } when machine.Stage == MigrationStage.Verifying:
                IsJobOver = reading is not { Statistics: { IsCompleted: false, IsFailed: false } } and not { IsHidden: true };
                break;
            case MigrationEvent.CompletedSeen { End: var end, Statistics: var statistics }:
                TakeCompleted(end, statistics);
                break;
            case MigrationEvent.DefinitionSeen { End: var end, Definition: var definition, IsKnown: var isKnown }:
                _sights[end] = SightOf(end) with { Definition = definition, IsDefinitionKnown = isKnown };
                break;
        }
    }

    /// <summary>Puts together what a verdict rests on.</summary>
    /// <param name="source">What the source says.</param>
    /// <param name="destination">What the destination says.</param>
    /// <param name="isJobOver">Whether the source was seen without a job of the VM, before it was looked at.</param>
    /// <returns>The evidence.</returns>
    public MigrationEvidence Gather(VmInstance source, VmInstance destination, bool isJobOver) => new()
    {
        Vm = machine.Plan.Vm.Name,
        Uuid = machine.Plan.Vm.Uuid,
        Source = source,
        Destination = destination,
        Call = machine.Call.State,
        Before = machine.Plan.IsBeforeKnown ? machine.Plan.Vm.Status : null,
        WasPersistent = machine.Plan.Vm.IsPersistent,
        LeftoverBefore = machine.Plan.Leftover?.Status,
        ArrivesPaused = machine.Plan.Options.Has(MigrationOptions.Suspend),
        SourceSaidMoved = _sourceSaidMoved,
        DestinationSaidMoved = _destinationSaidMoved,
        DefinitionArrived = HasDefinitionArrived(),
        IsRedefined = SightOf(MigrationEnd.Source).Definition is { } kept &&
            _definitionBefore.GetValueOrDefault(MigrationEnd.Source) is { } sent && !string.Equals(kept, sent, StringComparison.Ordinal),
        IsJobOver = isJobOver,
        WasInPostCopy = machine.PostCopy.WasActive || _toldOfPostCopy,
        RanInPostCopy = _toldOfPostCopy,
        SourceEnd = _sourceEnd,
        DestinationEnd = _destinationEnd,
    };

    private void TakeInstance(MigrationEnd end, VmInstance instance)
    {
        _destinationSaidMoved |= end == MigrationEnd.Destination && instance.Status is { IsMigratedHere: true } && machine.Call.WasMade;
        if (machine.Stage == MigrationStage.Verifying)
        {
            _sights[end] = SightOf(end) with { Instance = instance, At = machine.Now };
        }
    }

    private void TakeHeard(MigrationEnd end, DomainEvent told)
    {
        if (told is JobCompletedEvent { Statistics: { Success: true, IsMigration: true } statistics })
        {
            _sourceSaidMoved |= end == MigrationEnd.Source && statistics.Operation == JobOperation.MigrationOut;
            _destinationSaidMoved |= end == MigrationEnd.Destination && statistics.Operation == JobOperation.MigrationIn;
        }

        if (told is not LifecycleEvent happened)
        {
            return;
        }

        if (Describe(happened) is { } text)
        {
            _heard.Add(new(end, text, machine.Now));
        }

        if (end == MigrationEnd.Source)
        {
            _sourceSaidMoved |= (happened.Kind, happened.Detail) is (LifecycleEvent.Stopped, LifecycleEvent.StoppedMigrated);
            _leftAt = (happened.Kind, happened.Detail) is (LifecycleEvent.Suspended, LifecycleEvent.SuspendedMigrated or LifecycleEvent.SuspendedPostCopy)
                ? _leftAt ?? machine.Now
                : _leftAt;
            _sourceEnd = MigrationEvidence.EndOf(happened) ?? _sourceEnd;
            return;
        }

        _destinationSaidMoved |= (happened.Kind, happened.Detail) is (LifecycleEvent.Resumed, LifecycleEvent.ResumedMigrated);
        _resumedAt = (happened.Kind, happened.Detail) is (LifecycleEvent.Resumed, LifecycleEvent.ResumedMigrated or LifecycleEvent.ResumedPostCopy)
            ? _resumedAt ?? machine.Now
            : _resumedAt;
        _destinationEnd = MigrationEvidence.EndOf(happened) ?? _destinationEnd;
        _toldOfPostCopy |= (happened.Kind, happened.Detail) is (LifecycleEvent.Resumed, LifecycleEvent.ResumedPostCopy or LifecycleEvent.ResumedPostCopyFailed);
        _hasDestinationStarted |= happened.Kind == LifecycleEvent.Started;
        _hasDestinationStopped |= happened.Kind == LifecycleEvent.Stopped;
    }

    // Those that no healthy migration brings. Stopped with "failed" is how a daemon drops its half, with "crashed" how a QEMU goes that
    // nobody told to.
    private static string? Describe(LifecycleEvent happened) => (happened.Kind, happened.Detail) switch
    {
        (LifecycleEvent.Stopped, LifecycleEvent.StoppedCrashed) => "libvirt's event: stopped (crashed)",
        (LifecycleEvent.Stopped, LifecycleEvent.StoppedFailed) => "libvirt's event: stopped (failed)",
        (LifecycleEvent.Suspended, LifecycleEvent.SuspendedIoError) => "libvirt's event: suspended (I/O error)",
        (LifecycleEvent.Suspended, LifecycleEvent.SuspendedPostCopyFailed) => "libvirt's event: suspended (post-copy failed)",
        (LifecycleEvent.Resumed, LifecycleEvent.ResumedPostCopyFailed) => "libvirt's event: resumed (post-copy failed)",
        (LifecycleEvent.Crashed, _) => "libvirt's event: crashed",
        _ => null,
    };

    private void TakeCompleted(MigrationEnd end, JobStatistics? statistics)
    {
        // Statistics that were there before are of a former job.
        _completed[end] = statistics is not null && statistics == _completedBefore.GetValueOrDefault(end) ? null : statistics;
        if (_completed[end] is { IsMigration: true, Success: not false })
        {
            _sourceSaidMoved |= end == MigrationEnd.Source && _completed[end] is { Operation: JobOperation.MigrationOut, Success: true };
            _destinationSaidMoved |= end == MigrationEnd.Destination && _completed[end] is { Operation: JobOperation.MigrationIn };
        }
    }

    // The definition that the source sent, where there was another or none before. Where the very same one was there already it proves nothing,
    // also if the source has none any more: another client may have undefined that.
    private bool HasDefinitionArrived() => machine.Call.WasMade &&
        _definitionBefore.GetValueOrDefault(MigrationEnd.Source) is { } sent &&
        _definitionBefore.ContainsKey(MigrationEnd.Destination) &&
        string.Equals(SightOf(MigrationEnd.Destination).Definition, sent, StringComparison.Ordinal) &&
        !string.Equals(_definitionBefore[MigrationEnd.Destination], sent, StringComparison.Ordinal);
}

/// <summary>What a host is to answer or to tell.</summary>
internal enum AwaitedKind
{
    /// <summary>That its events are listened to.</summary>
    Listening,

    /// <summary>What it has of the VM.</summary>
    Instance,

    /// <summary>The VM's definition.</summary>
    Definition,

    /// <summary>The statistics of the VM's last ended job.</summary>
    Statistics,

    /// <summary>The job that runs.</summary>
    Job,

    /// <summary>That the downtime limit is put back.</summary>
    Limit,

    /// <summary>That autostart is set.</summary>
    Autostart,

    /// <summary>The event of its half's end.</summary>
    LateEvent,
}

/// <summary>Something that has not been answered or told yet.</summary>
/// <param name="Kind">What.</param>
/// <param name="End">By which host; the source, where it can be one alone.</param>
internal readonly record struct Awaited(AwaitedKind Kind, MigrationEnd End = MigrationEnd.Source);

/// <summary>What a look at one host found, and when it was answered.</summary>
internal sealed record Sight
{
    /// <summary>What the host says of the VM; null before it was looked at.</summary>
    public VmInstance? Instance { get; init; }

    /// <summary>When it answered, as time since the migration began.</summary>
    public TimeSpan At { get; init; }

    /// <summary>Offline: the definition; null where there is none.</summary>
    public string? Definition { get; init; }

    /// <summary>Offline: whether the host could be asked for the definition.</summary>
    public bool IsDefinitionKnown { get; init; }

    /// <summary>Tells whether another look found the same.</summary>
    /// <param name="other">The other look.</param>
    /// <returns>Whether it did, whenever it was.</returns>
    public bool IsAs(Sight other) => (Instance?.IsKnown, Instance?.Status, Instance?.IsPersistent, IsDefinitionKnown) ==
        (other.Instance?.IsKnown, other.Instance?.Status, other.Instance?.IsPersistent, other.IsDefinitionKnown) &&
        string.Equals(Definition, other.Definition, StringComparison.Ordinal);
}
