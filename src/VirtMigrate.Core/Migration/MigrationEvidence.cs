using VirtMigrate.Hosts;

namespace VirtMigrate.Migration;

/// <summary>What is known of the call that moves the VM.</summary>
internal enum CallState
{
    /// <summary>No call of this session: another client's job, or a look at two hosts without any.</summary>
    Foreign,

    /// <summary>The call was not made; nothing has reached a host.</summary>
    NotMade,

    /// <summary>The call has not returned.</summary>
    Out,

    /// <summary>The call said that the VM has moved.</summary>
    Succeeded,

    /// <summary>The call said that the VM has not moved.</summary>
    Failed,

    /// <summary>The call ended without an answer (its connection or its process died), and nothing carries the migration on.</summary>
    Lost,

    /// <summary>The call ended without an answer, and the migration may go on without it, or begin yet.</summary>
    Adrift,
}

/// <summary>What one host shows of the VM, as far as it matters for what has become of a migration.</summary>
internal enum InstanceState
{
    /// <summary>The host did not answer.</summary>
    Unseen,

    /// <summary>The host does not know the VM.</summary>
    Absent,

    /// <summary>Shut off, for a reason that tells nothing of this migration.</summary>
    ShutOff,

    /// <summary>Shut off, since it has moved away.</summary>
    MigratedAway,

    /// <summary>Shut off, since the guest shut itself down.</summary>
    ShutDown,

    /// <summary>Shut off, since somebody destroyed it.</summary>
    Destroyed,

    /// <summary>Shut off or dead, since QEMU or the guest crashed.</summary>
    Crashed,

    /// <summary>The guest executes.</summary>
    Running,

    /// <summary>The guest stands still, and not because of a migration.</summary>
    Paused,

    /// <summary>The guest stands still because a migration moves it.</summary>
    Moving,

    /// <summary>A half of a VM in post-copy.</summary>
    PostCopy,

    /// <summary>A half of a VM whose post-copy broke.</summary>
    PostCopyFailed,
}

/// <summary>All that a verdict over a migration rests on. What is not known is said to be so; nothing is assumed.</summary>
internal sealed record MigrationEvidence
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>What the source says now.</summary>
    public required VmInstance Source { get; init; }

    /// <summary>What the destination says now.</summary>
    public required VmInstance Destination { get; init; }

    /// <summary>What is known of the call.</summary>
    public CallState Call { get; init; }

    /// <summary>The VM's state on the source before; null where that is not known.</summary>
    public VmStatus? Before { get; init; }

    /// <summary>Whether the source kept a definition of the VM before; null where that is not known.</summary>
    public bool? WasPersistent { get; init; }

    /// <summary>The state of the definition that the destination had before; null for none, or where that is not known.</summary>
    public VmStatus? LeftoverBefore { get; init; }

    /// <summary>Whether the VM is to be paused when it has arrived.</summary>
    public bool ArrivesPaused { get; init; }

    /// <summary>Whether an event, or the job's statistics, said on the source that the VM has left by this migration.</summary>
    public bool SourceSaidMoved { get; init; }

    /// <summary>Whether an event, the job's statistics or the VM's state said on the destination that the VM has come by this migration.</summary>
    public bool DestinationSaidMoved { get; init; }

    /// <summary>Offline: whether the definition on the destination is the one that the source sent, and was not there before.</summary>
    public bool DefinitionArrived { get; init; }

    /// <summary>Offline: whether the source's definition is another one than before.</summary>
    public bool IsRedefined { get; init; }

    /// <summary>Whether the source was seen without a job of the VM, before it was looked at.</summary>
    public bool IsJobOver { get; init; }

    /// <summary>Whether the migration has been in post-copy: from then on the source's half is not the guest any more.</summary>
    public bool WasInPostCopy { get; init; }

    /// <summary>Whether the destination told that the guest ran there in post-copy.</summary>
    public bool RanInPostCopy { get; init; }

    /// <summary>The end of the guest on the source, as an event told it; null where none did.</summary>
    public InstanceState? SourceEnd { get; init; }

    /// <summary>The end of the guest on the destination, as an event told it; null where none did.</summary>
    public InstanceState? DestinationEnd { get; init; }

    /// <summary>Whether the VM had a QEMU before; null where that is not known.</summary>
    public bool? WasActive => Before?.IsActive;

    /// <summary>What the source shows.</summary>
    public InstanceState SourceState => Classify(Source) switch
    {
        // A VM that was shut off before shows a reason from before.
        InstanceState.ShutDown or InstanceState.Destroyed or InstanceState.Crashed or InstanceState.MigratedAway when WasActive == false =>
            InstanceState.ShutOff,
        InstanceState.ShutOff or InstanceState.Absent when WasActive == true && SourceSaidMoved => InstanceState.MigratedAway,
        InstanceState.ShutOff or InstanceState.Absent when WasActive == true && SourceEnd is { } end => end,
        var state => state,
    };

    /// <summary>What the destination shows.</summary>
    public InstanceState DestinationState => Classify(Destination) switch
    {
        // Once the VM has come, a reason is of what happened to it there; else a leftover shows one from before.
        InstanceState.ShutOff or InstanceState.Absent when WasActive == true && HasCome && DestinationEnd is { } end => end,
        InstanceState.ShutDown or InstanceState.Destroyed or InstanceState.Crashed or InstanceState.MigratedAway
            when WasActive is not null && !HasCome => InstanceState.ShutOff,
        var state => state,
    };

    /// <summary>Whether the VM has left the source and come to the destination, by the call's own word or by what both hosts say.</summary>
    public bool HasMoved => Call == CallState.Succeeded || (SourceSaysMoved && DestinationSaysMoved);

    /// <summary>
    /// Whether the guest may have been on the destination: that says so, or the source does, which counts where the destination has something of the
    /// VM and no call has said that it failed there.
    /// </summary>
    public bool MayHaveMoved => HasMoved || DestinationSaidMoved || (SourceSaidMoved && Call != CallState.Failed && Destination.Status is not null);

    /// <summary>Whether the guest ran on the destination in post-copy: the destination told so, or shows an end that was not there before.</summary>
    public bool RanOnDestination => RanInPostCopy || (WasInPostCopy && Destination.Status is { } there && there != LeftoverBefore &&
        Classify(there) is InstanceState.ShutDown or InstanceState.Destroyed or InstanceState.Crashed);

    /// <summary>Whether the source shows a guest that stands still for a migration which nothing carries on: its call and its job have ended.</summary>
    public bool IsLeftPaused => !DestinationSaysMoved && IsJobOver && (Call is CallState.Failed or CallState.Lost) && SourceState == InstanceState.Moving &&
        Destination is { IsKnown: true, IsActive: false };

    /// <summary>Whether the source is as it was before: the guest's state, and whether it is defined there.</summary>
    public bool IsAsBefore => Before is not { } before ||
        (!IsRedefined && Kind(before) == Kind(Source.Status) && Source.IsPersistent == (WasPersistent ?? Source.IsPersistent));

    /// <summary>Whether the guest is on the destination in the state that was asked for.</summary>
    public bool IsAsAsked => Before is not { } before || (DestinationState == InstanceState.Running) == (before.IsExecuting && !ArrivesPaused);

    /// <summary>Whether the migration may still take effect: its call has not returned, or ended without an answer while others carry it on.</summary>
    public bool MayTakeEffect => Call is CallState.Out or CallState.Adrift;

    private bool SourceSaysMoved => SourceSaidMoved || (WasInPostCopy && Source is { IsKnown: true, IsActive: false }) || (WasActive == true && Source.Status is { IsMigratedAway: true });

    // It was not active there before, so that one that is and was not booted there has come. One that failed to start there has not, nor one
    // that shows what its leftover showed before, whatever an account of a former job tells.
    private bool DestinationSaysMoved => Destination.Status is not { IsStartFailed: true } &&
        ((DestinationSaidMoved && (LeftoverBefore is null || Destination.Status != LeftoverBefore || DestinationEnd is not null)) ||
        (WasActive == true && Classify(Destination) is InstanceState.Running or InstanceState.Paused && Destination.Status is { IsStartedHere: false }));

    private bool HasCome => Call == CallState.Succeeded || DestinationSaysMoved || RanOnDestination;

    /// <summary>Tells what an instance shows.</summary>
    /// <param name="instance">The instance.</param>
    /// <returns>What it shows, whatever was before.</returns>
    public static InstanceState Classify(VmInstance instance) => instance switch
    {
        { IsKnown: false } => InstanceState.Unseen,
        { Status: null } => InstanceState.Absent,
        { Status: { } status } => Classify(status),
    };

    /// <summary>Tells what the reason of an end that an event told is.</summary>
    /// <param name="happened">The event.</param>
    /// <returns>The end; null where it is none, or the migration's own.</returns>
    public static InstanceState? EndOf(LifecycleEvent happened) => (happened.Kind, happened.Detail) switch
    {
        (LifecycleEvent.Stopped, LifecycleEvent.StoppedShutDown) => InstanceState.ShutDown,
        (LifecycleEvent.Stopped, LifecycleEvent.StoppedDestroyed) => InstanceState.Destroyed,
        (LifecycleEvent.Stopped, LifecycleEvent.StoppedCrashed) or (LifecycleEvent.Crashed, _) => InstanceState.Crashed,
        _ => null,
    };

    private static InstanceState Classify(VmStatus status) => status switch
    {
        { IsPostCopyFailed: true } => InstanceState.PostCopyFailed,
        { IsPostCopy: true } => InstanceState.PostCopy,
        { IsPausedByMigration: true } => InstanceState.Moving,
        { IsExecuting: true } => InstanceState.Running,
        { State: VmState.Crashed } => InstanceState.Crashed,
        { IsActive: true } => InstanceState.Paused,
        { IsMigratedAway: true } => InstanceState.MigratedAway,
        { IsShutDownByGuest: true } => InstanceState.ShutDown,
        { IsDestroyed: true } => InstanceState.Destroyed,
        { IsCrashed: true } => InstanceState.Crashed,
        _ => InstanceState.ShutOff,
    };

    private static (bool IsActive, bool IsExecuting) Kind(VmStatus? status) => (status?.IsActive == true, status?.IsExecuting == true);
}
