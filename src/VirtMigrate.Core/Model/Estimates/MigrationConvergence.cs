namespace VirtMigrate.Model;

/// <summary>Whether a pre-copy migration ends.</summary>
public enum MigrationConvergence
{
    /// <summary>It ends even if the guest writes as much as the measurements allow.</summary>
    Converges,

    /// <summary>It ends, or not, depending on what the measurements can't tell.</summary>
    Uncertain,

    /// <summary>It does not end even if the guest writes as little as the measurements allow.</summary>
    WillNotConverge,
}
