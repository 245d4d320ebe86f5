namespace VirtMigrate;

/// <summary>
/// What both hosts say of a VM after a migration: what the administrator's guide verifies with
/// <c>virsh list --all</c> on each of them.
/// </summary>
public sealed record VmMigrationVerification : IVmReference
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that the VM was to leave.</summary>
    public required VmHost Source { get; init; }

    /// <summary>The host that the VM was to reach.</summary>
    public required VmHost Destination { get; init; }

    /// <summary>What the source says.</summary>
    public required VmInstance SourceInstance { get; init; }

    /// <summary>What the destination says.</summary>
    public required VmInstance DestinationInstance { get; init; }

    /// <summary>What follows from both.</summary>
    public required MigrationOutcome Outcome { get; init; }

    /// <summary>Whether the migration is still under way, so that the outcome is not final.</summary>
    public bool IsInProgress { get; init; }

    /// <summary>
    /// Whether the migration may still take effect: libvirt has not answered the call that moves the VM, or the call ended without an answer.
    /// Nothing may be started, and nothing tried again, before that is over.
    /// </summary>
    public bool MayTakeEffect { get; init; }

    /// <summary>Whether the VM is on the destination, and only there.</summary>
    public bool IsVerified => Outcome == MigrationOutcome.Completed;

    /// <summary>Whether the VM has moved to the destination, be it that it is not in the state there that was asked for.</summary>
    public bool HasArrived => Outcome is MigrationOutcome.Completed or MigrationOutcome.ArrivedChanged;

    /// <summary>On how many of the two hosts the guest executes; 1 for a live migration that went well, 0 for an offline one.</summary>
    public int RunningInstances => (SourceInstance.IsExecuting ? 1 : 0) + (DestinationInstance.IsExecuting ? 1 : 0);

    /// <summary>The host on which the guest executes, when it is exactly one.</summary>
    public VmHost? RunsOn => (SourceInstance.IsExecuting, DestinationInstance.IsExecuting) switch
    {
        (true, false) => Source,
        (false, true) => Destination,
        _ => null,
    };

    /// <summary>The hosts that keep a definition of the VM.</summary>
    public IReadOnlyList<VmHost> DefinedOn =>
        new[] { SourceInstance, DestinationInstance }.Where(i => i.IsPersistent).Select(i => i.VmHost).ToArray();

    /// <summary>What follows, in a sentence, with what deserves attention (such as a definition on both hosts).</summary>
    public required string Message { get; init; }

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => RunsOn ?? (IsVerified ? Destination : Source);

    /// <summary>The conclusion in a sentence.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => Message;
}

/// <summary>What one host says of one VM.</summary>
public sealed record VmInstance
{
    /// <summary>The host.</summary>
    public required VmHost VmHost { get; init; }

    /// <summary>State and reason; null when the host does not know the VM or could not be asked.</summary>
    public VmStatus? Status { get; init; }

    /// <summary>Whether the host keeps a definition of the VM.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether the host starts the VM when it boots itself (virsh autostart).</summary>
    public bool Autostart { get; init; }

    /// <summary>Why the host could not be asked; null when it answered.</summary>
    public string? Error { get; init; }

    /// <summary>Whether the host answered.</summary>
    public bool IsKnown => Error is null;

    /// <summary>Whether the guest executes here.</summary>
    public bool IsExecuting => Status?.IsExecuting == true;

    /// <summary>Whether the VM has a process here, executing or not.</summary>
    public bool IsActive => Status?.IsActive == true;

    /// <summary>A text for people: <c>running (migrated)</c>, <c>not there</c> or <c>not seen: …</c>.</summary>
    /// <returns>The instance in words.</returns>
    public override string ToString() => this switch
    {
        { Error: { } error } => $"not seen: {error}",
        { Status: { } status } => IsPersistent ? status.ToString() : $"{status}, transient",
        _ => "not there",
    };
}
