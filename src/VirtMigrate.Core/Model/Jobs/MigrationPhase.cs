namespace VirtMigrate.Model;

/// <summary>Where a migration is on its way.</summary>
public enum MigrationPhase
{
    /// <summary>It waits for its turn.</summary>
    Queued,

    /// <summary>Both hosts are looked at.</summary>
    Checking,

    /// <summary>The destination is being prepared.</summary>
    Preparing,

    /// <summary>Memory and disks move while the guest runs on the source.</summary>
    Copying,

    /// <summary>The guest runs on the destination and fetches the rest of its memory.</summary>
    PostCopy,

    /// <summary>It was asked to end and the source takes the guest back.</summary>
    Aborting,

    /// <summary>Both hosts are asked what became of the VM.</summary>
    Verifying,

    /// <summary>It has ended.</summary>
    Ended,
}
