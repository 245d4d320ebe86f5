namespace VirtMigrate.Model;

/// <summary>What became, or is becoming, of a migration job.</summary>
public enum MigrationJobStatus
{
    /// <summary>It waits for its turn in this session.</summary>
    Queued,

    /// <summary>It is under way.</summary>
    Running,

    /// <summary>It ended well.</summary>
    Completed,

    /// <summary>It ended and the VM stayed on the source.</summary>
    Failed,

    /// <summary>Post-copy broke and can be resumed.</summary>
    PostCopyPaused,

    /// <summary>The VM is busy in a way that hides the job for the moment.</summary>
    Unknown,
}
