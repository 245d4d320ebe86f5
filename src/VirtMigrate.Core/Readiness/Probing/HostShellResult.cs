namespace VirtMigrate.Readiness.Probing;

/// <summary>What came of a command on a host.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Error">What it printed as errors.</param>
internal sealed record HostShellResult(int ExitCode, string Output, string Error);
