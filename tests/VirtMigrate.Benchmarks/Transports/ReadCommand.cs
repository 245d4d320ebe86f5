namespace VirtMigrate.Benchmarks.Transports;

/// <summary>A cmdlet that only looks, and the virsh command that a person would type instead.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Script">The cmdlet; the hosts are in <c>$from</c> and <c>$to</c>, and what leads there is in <c>$transport</c>.</param>
/// <param name="Virsh">The command without its connection; null where virsh has none.</param>
internal sealed record ReadCommand(string Name, string Script, string[]? Virsh)
{
    /// <summary>The guest that it looks at.</summary>
    public const string Guest = "bench-transports";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<ReadCommand> All { get; } =
    [
        new("Connect-VmHost", "Disconnect-VmHost $from; $null = Connect-VmHost $from -Transport $transport", ["hostname"]),
        new("Get-Vm", "Get-Vm -VmHost $from | Where-Object Name", ["list", "--all"]),
        new("Get-Vm NAME", $"Get-Vm {Guest} -VmHost $from", ["dominfo", Guest]),
        new("Get-VmMigrationJob", $"Get-VmMigrationJob {Guest} -VmHost $from", ["domjobinfo", Guest]),
        new("Test-VmMigrationResult", $"Test-VmMigrationResult {Guest} -VmHost $from -Destination $to", ["domstate", Guest, "--reason"]),
        new("Measure-VmDirtyRate", $"Measure-VmDirtyRate {Guest} -VmHost $from -Period 1", Virsh: null),
        new("Get-VmMigrationEstimate", $"$r = Measure-VmDirtyRate {Guest} -VmHost $from -Period 1; Get-VmMigrationEstimate {Guest} -VmHost $from -Destination $to -DirtyRate $r -Bandwidth 100MB", Virsh: null),
        new("Test-VmMigrationReadiness", $"Test-VmMigrationReadiness {Guest} -VmHost $from -Destination $to", Virsh: null),
    ];
}
