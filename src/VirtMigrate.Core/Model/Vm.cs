namespace VirtMigrate;

/// <summary>
/// One libvirt domain on one host, as <c>virsh list --all</c> and <c>virsh dominfo</c> show it.
/// </summary>
public sealed record Vm : IVmReference
{
    /// <summary>The domain's name, unique on its host.</summary>
    public required string Name { get; init; }

    /// <summary>The domain's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The running domain's number on its host; null when it is shut off.</summary>
    public int? Id { get; init; }

    /// <summary>State and reason in one, as libvirt has them.</summary>
    public required VmStatus Status { get; init; }

    /// <summary>What the VM is doing.</summary>
    public VmState State => Status.State;

    /// <summary>Why it is in that state, in virsh's words.</summary>
    public string StateReason => Status.Reason;

    /// <summary>The host that this was read from.</summary>
    public required VmHost VmHost { get; init; }

    /// <summary>The number of virtual processors that the VM has now (when shut off: will have).</summary>
    public int VCpuCount { get; init; }

    /// <summary>The memory that the balloon leaves to the guest now, in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The largest memory that the guest can have, in bytes.</summary>
    public long MaxMemory { get; init; }

    /// <summary>Whether the host keeps a definition of the VM, so that it survives being shut off.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether the host starts the VM when it boots.</summary>
    public bool Autostart { get; init; }

    /// <summary>Whether the VM is active on its host, in whatever state. One that crashed and is kept for its dump is, too.</summary>
    internal bool IsActive => Status.IsActive || Id is not null;

    string IVmReference.GetVmName() => Name;

    VmHost IVmReference.GetLookupHost() => VmHost;

    /// <summary>The VM's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

/// <summary>
/// What a VM is doing, in libvirt's terms and with libvirt's numbers (virDomainState).
/// </summary>
public enum VmState
{
    /// <summary>The hypervisor gives no state.</summary>
    NoState = 0,

    /// <summary>The VM runs.</summary>
    Running = 1,

    /// <summary>The VM waits for a resource (Xen only).</summary>
    Blocked = 2,

    /// <summary>The VM's processors are stopped; its memory is kept.</summary>
    Paused = 3,

    /// <summary>The VM is shutting down.</summary>
    ShuttingDown = 4,

    /// <summary>The VM is defined but does not run.</summary>
    ShutOff = 5,

    /// <summary>The VM crashed.</summary>
    Crashed = 6,

    /// <summary>The guest put itself to sleep.</summary>
    PmSuspended = 7,
}

/// <summary>
/// An object that speaks of one VM, so that any of the module's outputs can name the VM of the next command.
/// </summary>
public interface IVmReference
{
    /// <summary>The VM's UUID, which stays the same wherever it runs.</summary>
    Guid Uuid { get; }

    // Methods, since PowerShell shows an interface's properties beside the object's own, in every list and every export.

    /// <summary>Tells the VM's name.</summary>
    /// <returns>The name.</returns>
    string GetVmName();

    /// <summary>Tells the host to look for the VM on: the one that it was seen on, or that it moves away from.</summary>
    /// <returns>The host.</returns>
    VmHost GetLookupHost();
}

/// <summary>
/// A VM's state with the reason that libvirt gives for it, as <c>virsh domstate --reason</c> prints them.
/// </summary>
/// <param name="State">What the VM is doing.</param>
/// <param name="ReasonCode">Why, as the number that libvirt's header defines for this state.</param>
public readonly record struct VmStatus(VmState State, int ReasonCode)
{
    // The reasons that decide over a migration (libvirt-domain.h, virDomain…Reason).
    private const int RunningBooted = 1;
    private const int RunningMigrated = 2;
    private const int RunningRestored = 3;
    private const int RunningFromSnapshot = 4;
    private const int RunningPostCopy = 10;
    private const int RunningPostCopyFailed = 11;
    private const int PausedMigration = 2;
    private const int PausedIoError = 5;
    private const int PausedStartingUp = 11;
    private const int PausedPostCopy = 12;
    private const int PausedPostCopyFailed = 13;
    private const int ShutOffShutDown = 1;
    private const int ShutOffDestroyed = 2;
    private const int ShutOffCrashed = 3;
    private const int ShutOffMigrated = 4;
    private const int ShutOffSaved = 5;
    private const int ShutOffFailed = 6;

    private static readonly string[][] Words =
    [
        ["unknown"],
        ["unknown", "booted", "migrated", "restored", "from snapshot", "unpaused", "migration canceled", "save canceled",
            "event wakeup", "crashed", "post-copy", "post-copy failed"],
        ["unknown"],
        ["unknown", "user", "migrating", "saving", "dumping", "I/O error", "watchdog", "from snapshot", "shutting down",
            "creating snapshot", "crashed", "starting up", "post-copy", "post-copy failed"],
        ["unknown", "user"],
        ["unknown", "shutdown", "destroyed", "crashed", "migrated", "saved", "failed", "from snapshot", "daemon"],
        ["unknown", "panicked"],
        ["unknown"],
    ];

    /// <summary>The reason in virsh's words, such as <c>booted</c> or <c>post-copy failed</c>.</summary>
    public string Reason
    {
        get
        {
            var words = (uint)State < (uint)Words.Length ? Words[(int)State] : Words[0];
            return (uint)ReasonCode < (uint)words.Length ? words[ReasonCode] : words[0];
        }
    }

    /// <summary>Whether the VM has a process on its host (anything but shut off and crashed).</summary>
    public bool IsActive => State is not (VmState.ShutOff or VmState.Crashed or VmState.NoState);

    /// <summary>Whether the guest's processors run, also when pages still arrive from the source.</summary>
    public bool IsExecuting => State is VmState.Running or VmState.Blocked or VmState.ShuttingDown;

    /// <summary>Whether the guest runs here since it arrived by a migration.</summary>
    public bool IsMigratedHere => (State, ReasonCode) is (VmState.Running, RunningMigrated);

    /// <summary>Whether the guest runs here since it was booted, restored or put back to a snapshot here.</summary>
    public bool IsStartedHere => (State, ReasonCode) is (VmState.Running, RunningBooted or RunningRestored or RunningFromSnapshot);

    /// <summary>Whether this is a VM that is paused because a migration moves it or has brought it only half-way.</summary>
    public bool IsPausedByMigration => State == VmState.Paused && ReasonCode is PausedMigration or PausedStartingUp or PausedPostCopy;

    /// <summary>Whether a post-copy migration of this VM is under way.</summary>
    public bool IsPostCopy => (State, ReasonCode) is (VmState.Running, RunningPostCopy) or (VmState.Paused, PausedPostCopy);

    /// <summary>Whether a post-copy migration of this VM broke. Neither half may then be destroyed.</summary>
    public bool IsPostCopyFailed =>
        (State, ReasonCode) is (VmState.Running, RunningPostCopyFailed) or (VmState.Paused, PausedPostCopyFailed);

    /// <summary>Whether this is one of the two halves that a VM has in post-copy, under way or broken.</summary>
    public bool IsPostCopyHalf => IsPostCopy || IsPostCopyFailed;

    /// <summary>Whether the VM is shut off here since it has moved to another host.</summary>
    public bool IsMigratedAway => (State, ReasonCode) is (VmState.ShutOff, ShutOffMigrated);

    /// <summary>Whether the VM is shut off here since the guest shut itself down, be it on request.</summary>
    public bool IsShutDownByGuest => (State, ReasonCode) is (VmState.ShutOff, ShutOffShutDown);

    /// <summary>Whether the VM is shut off here since its memory was saved.</summary>
    public bool IsSaved => (State, ReasonCode) is (VmState.ShutOff, ShutOffSaved);

    /// <summary>Whether the VM is shut off here since somebody destroyed it.</summary>
    public bool IsDestroyed => (State, ReasonCode) is (VmState.ShutOff, ShutOffDestroyed);

    /// <summary>Whether the VM is shut off here since QEMU or the guest crashed.</summary>
    public bool IsCrashed => (State, ReasonCode) is (VmState.ShutOff, ShutOffCrashed);

    /// <summary>Whether the VM is shut off here since it failed to start, be it for a migration that was to bring it.</summary>
    public bool IsStartFailed => (State, ReasonCode) is (VmState.ShutOff, ShutOffFailed);

    /// <summary>Whether the VM stopped at an I/O error, in which libvirt refuses to migrate it on request.</summary>
    public bool IsIoError => State == VmState.Paused && ReasonCode == PausedIoError;

    /// <summary>The state and its reason as virsh prints them: <c>paused (post-copy failed)</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Describe(State)} ({Reason})";

    private static string Describe(VmState state) => state switch
    {
        VmState.NoState => "no state",
        VmState.Running => "running",
        VmState.Blocked => "idle",
        VmState.Paused => "paused",
        VmState.ShuttingDown => "in shutdown",
        VmState.ShutOff => "shut off",
        VmState.Crashed => "crashed",
        VmState.PmSuspended => "pmsuspended",
        _ => $"state {(int)state}",
    };
}
