namespace VirtMigrate.Model;

/// <summary>What became of a decision.</summary>
public enum MigrationDecisionStatus
{
    /// <summary>It was carried out.</summary>
    Done,

    /// <summary>It was left out on purpose: a parameter stands against it, or it is not possible any more.</summary>
    Skipped,

    /// <summary>Libvirt refused it. The migration goes on.</summary>
    Refused,
}
