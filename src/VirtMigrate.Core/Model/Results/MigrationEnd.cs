namespace VirtMigrate.Model;

/// <summary>Which side of a migration something comes from.</summary>
public enum MigrationEnd
{
    /// <summary>Either host: libvirt hands on one error of a migration and does not say whose it is.</summary>
    Unknown,

    /// <summary>This machine, which drives or watches the migration.</summary>
    Client,

    /// <summary>The host that the VM was to leave.</summary>
    Source,

    /// <summary>The host that the VM was to reach.</summary>
    Destination,
}
