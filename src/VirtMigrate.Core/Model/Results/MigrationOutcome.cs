namespace VirtMigrate.Model;

/// <summary>How a migration ended, as both hosts were found afterwards.</summary>
public enum MigrationOutcome
{
    /// <summary>The VM is on the destination, and only there.</summary>
    Completed,

    /// <summary>The VM is on the source as before; nothing is left on the destination.</summary>
    RolledBack,

    /// <summary>Post-copy broke: each host holds a half of the VM. It can be resumed; neither half may be destroyed.</summary>
    PostCopyPaused,

    /// <summary>What became of the VM could not be seen for certain. The verification says what is known of each host.</summary>
    Unknown,
}
