namespace VirtMigrate;

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
