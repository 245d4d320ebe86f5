namespace VirtMigrate.Benchmarks.Transports;

/// <summary>A cmdlet that only looks, and the virsh command that a person would type instead.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Command">The cmdlet, or the function of <c>Scripts</c>.</param>
/// <param name="Arguments">Its arguments, for the hosts and the transport that are looked over.</param>
/// <param name="Virsh">The command without its connection; null where virsh has none.</param>
internal sealed record ReadCommand(string Name, string Command, Func<ReadCommand.Scene, object> Arguments, string[]? Virsh)
{
    /// <summary>The guest that is looked at.</summary>
    public const string Guest = "bench-transports";

    /// <summary>The commands.</summary>
    public static IReadOnlyList<ReadCommand> All { get; } =
    [
        new("Connect-VmHost", "Connect-Again", s => new { VmHost = s.From, s.Transport }, ["hostname"]),
        new("Get-Vm", "Get-Vm", s => new { VmHost = s.From }, ["list", "--all"]),
        new("Get-Vm NAME", "Get-Vm", s => new { Name = Guest, VmHost = s.From }, ["dominfo", Guest]),
        new("Get-VmMigrationJob", "Get-VmMigrationJob", s => new { Vm = Guest, VmHost = s.From }, ["domjobinfo", Guest]),
        new("Test-VmMigrationResult", "Test-VmMigrationResult", Ends, ["domstate", Guest, "--reason"]),
        new("Measure-VmDirtyRate", "Measure-VmDirtyRate", s => new { Vm = Guest, VmHost = s.From, Period = 1 }, Virsh: null),
        new("Get-VmMigrationEstimate", "Get-Estimate", Ends, Virsh: null),
        new("Test-VmMigrationReadiness", "Test-VmMigrationReadiness", Ends, Virsh: null),
    ];

    private static object Ends(Scene scene) => new { Vm = Guest, VmHost = scene.From, Destination = scene.To };

    /// <summary>Where it is looked.</summary>
    /// <param name="From">The guest's host.</param>
    /// <param name="To">The other host.</param>
    /// <param name="Transport">The transport.</param>
    internal sealed record Scene(string From, string To, string Transport);
}
