namespace VirtMigrate.Estimation;

/// <summary>How the passes over a guest's memory end.</summary>
public enum PrecopyEnd
{
    /// <summary>Never: the passes get no shorter.</summary>
    Never,

    /// <summary>What is left fits into the allowed standstill, and the guest moves over.</summary>
    SwitchOver,

    /// <summary>The guest moves over at once and fetches what is left.</summary>
    PostCopy,

    /// <summary>The guest is stopped, so that what is left can move.</summary>
    Suspended,

    /// <summary>The migration is given up.</summary>
    GivenUp,
}
