namespace VirtMigrate.Hypervisor.Processes;

/// <summary>What a run of virsh or ssh came to.</summary>
/// <param name="Tool">The program.</param>
/// <param name="ExitCode">Its exit status; 128 and more where a signal ended it.</param>
/// <param name="Output">What it wrote to its standard output.</param>
/// <param name="Errors">What it wrote to its standard error.</param>
internal sealed record ToolRun(string Tool, int ExitCode, string Output, string Errors);
