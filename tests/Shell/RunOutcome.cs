namespace VirtMigrate.Shell;

internal enum RunOutcome
{
    Completed,

    /// <summary>Ended by an error, which has been shown.</summary>
    Failed,

    /// <summary>Ended by a signal.</summary>
    Stopped,
}
