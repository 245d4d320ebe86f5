namespace VirtMigrate.Model;

/// <summary>What a policy, a timeout or a parameter decides over a migration.</summary>
public enum MigrationAction
{
    /// <summary>It goes on as it is.</summary>
    Continue,

    /// <summary>An option of the migration is switched on before it begins.</summary>
    SetOption,

    /// <summary>The guest may stand still for longer at the switch-over (virDomainMigrateSetMaxDowntime).</summary>
    SetMaxDowntime,

    /// <summary>The guest goes on at the destination at once and fetches the rest of its memory (virDomainMigrateStartPostCopy).</summary>
    PostCopy,

    /// <summary>The guest stands still until all of its memory has moved, and goes on at the destination (virDomainSuspend).</summary>
    Suspend,

    /// <summary>The migration is given up; the guest goes on at the source (virDomainAbortJob).</summary>
    Abort,
}
