namespace VirtMigrate.Model;

/// <summary>How a migration ended, as both hosts were found afterwards.</summary>
public enum MigrationOutcome
{
    /// <summary>The VM is on the destination, and only there, in the state that was asked for.</summary>
    Completed,

    /// <summary>The VM is on the source as it was before, and not active on the destination.</summary>
    RolledBack,

    /// <summary>Post-copy broke: each host holds a half of the VM. It can be resumed; neither half may be destroyed.</summary>
    PostCopyPaused,

    /// <summary>What became of the VM could not be seen for certain. The verification says what is known of each host.</summary>
    Unknown,

    /// <summary>The VM moved to the destination, and is not in the state that was asked for: it ran, and is paused there.</summary>
    ArrivedChanged,

    /// <summary>The VM stayed on the source, and is not as it was before: it ran, and is paused now.</summary>
    StayedChanged,

    /// <summary>The guest shut itself down on the way, or was asked to (virsh shutdown).</summary>
    GuestShutDown,

    /// <summary>Somebody destroyed the VM on the way (virsh destroy).</summary>
    GuestDestroyed,

    /// <summary>The VM's QEMU, or the guest in it, crashed on the way.</summary>
    GuestCrashed,
}
