namespace VirtMigrate.Simulation;

/// <summary>Who holds a domain's job lock for long.</summary>
internal enum DomainJob
{
    None,
    MigrationOut,
    MigrationIn,
    Backup,
}

/// <summary>The reasons of libvirt-domain.h that migrations set (virDomain…Reason).</summary>
internal static class Reasons
{
    public const int Unknown = 0;
    public const int RunningBooted = 1;
    public const int RunningMigrated = 2;
    public const int RunningUnpaused = 5;
    public const int RunningMigrationCanceled = 6;
    public const int RunningPostCopy = 10;
    public const int RunningPostCopyFailed = 11;
    public const int PausedUser = 1;
    public const int PausedMigration = 2;
    public const int PausedStartingUp = 11;
    public const int PausedPostCopy = 12;
    public const int PausedPostCopyFailed = 13;
    public const int ShutOffShutdown = 1;
    public const int ShutOffDestroyed = 2;
    public const int ShutOffCrashed = 3;
    public const int ShutOffMigrated = 4;
    public const int ShutOffFailed = 6;
}

/// <summary>A lifecycle event's kind and detail (virDomainEventType and its details).</summary>
internal readonly record struct Lifecycle(int Kind, int Detail)
{
    public static readonly Lifecycle DefinedAdded = new(0, 0);
    public static readonly Lifecycle DefinedUpdated = new(0, 1);
    public static readonly Lifecycle UndefinedRemoved = new(1, 0);
    public static readonly Lifecycle StartedMigrated = new(2, 1);
    public static readonly Lifecycle SuspendedPaused = new(3, 0);
    public static readonly Lifecycle SuspendedMigrated = new(3, 1);
    public static readonly Lifecycle SuspendedPostCopy = new(3, 7);
    public static readonly Lifecycle SuspendedPostCopyFailed = new(3, 8);
    public static readonly Lifecycle ResumedUnpaused = new(4, 0);
    public static readonly Lifecycle ResumedMigrated = new(4, 1);
    public static readonly Lifecycle ResumedPostCopy = new(4, 3);
    public static readonly Lifecycle ResumedPostCopyFailed = new(4, 4);

    /// <summary>The guest has shut itself down (VIR_DOMAIN_EVENT_SHUTDOWN_GUEST).</summary>
    public static readonly Lifecycle ShutdownByGuest = new(6, 1);

    /// <summary>The QEMU was told by a signal to end (VIR_DOMAIN_EVENT_SHUTDOWN_HOST).</summary>
    public static readonly Lifecycle ShutdownByHost = new(6, 2);

    /// <summary>
    /// A stop (VIR_DOMAIN_EVENT_STOPPED), by the reason that the domain is shut off for. That of a QEMU which crashed says "failed", and the
    /// domain's state "crashed" (qemuProcessHandleMonitorEOF).
    /// </summary>
    public static Lifecycle Stopped(int reason) => new(5, reason switch
    {
        Reasons.ShutOffShutdown => 0,
        Reasons.ShutOffDestroyed => 1,
        Reasons.ShutOffMigrated => 3,
        _ => 5,
    });
}

/// <summary>The domain that a run is about, as one host has it: what its daemon says of it, and what its QEMU really does.</summary>
internal sealed class SimulatedDomain
{
    public static readonly TimeSpan UsualMaxDowntime = TimeSpan.FromMilliseconds(300);

    public VmState State { get; set; } = VmState.ShutOff;

    public int Reason { get; set; }

    /// <summary>Whether it has a QEMU.</summary>
    public bool IsActive { get; set; }

    /// <summary>Whether the guest's processors run here, whatever the daemon believes.</summary>
    public bool IsExecuting { get; set; }

    public int? Id { get; set; }

    public string? LiveDefinition { get; set; }

    /// <summary>The definition that the host keeps; null for a transient domain.</summary>
    public string? PersistentDefinition { get; set; }

    public bool Autostart { get; set; }

    public DomainJob Job { get; set; }

    /// <summary>The migration that the job belongs to.</summary>
    public SimulatedMigration? Migration { get; set; }

    public TimeSpan MaxDowntime { get; set; } = UsualMaxDowntime;

    /// <summary>The rate that was set for migrations, in bytes per second; 0 for none.</summary>
    public long Bandwidth { get; set; }

    public JobStatistics? Completed { get; set; }

    public VmStatus Status => new(State, Reason);

    public bool IsPostCopyHalf => State == VmState.Paused ? Reason is Reasons.PausedPostCopy or Reasons.PausedPostCopyFailed
        : State == VmState.Running && Reason is Reasons.RunningPostCopy or Reasons.RunningPostCopyFailed;
}
