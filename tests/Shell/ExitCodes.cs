namespace VirtMigrate.Shell;

/// <summary>The exit codes that are not the script's own; they are those of pwsh.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Failed = 1;
    public const int BadUsage = 64;

    /// <summary>What a shell reports for a program that a signal ended is this plus the signal's number.</summary>
    public const int SignalBase = 128;
}
