namespace VirtMigrate.Benchmarks.Transports;

/// <summary>A cmdlet that acts on a migration under way, and the virsh command that a person would type instead.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Cmdlet">The cmdlet.</param>
/// <param name="Arguments">Its arguments, for the guest and the host that it leaves.</param>
/// <param name="Virsh">The command without its connection and guest.</param>
/// <param name="End">Whether the migration is another one afterwards, so that each command needs one of its own.</param>
internal sealed record SteerCommand(string Name, string Cmdlet, Func<string, string, object> Arguments, string[] Virsh, bool End = false)
{
    /// <summary>The commands, those that end it last.</summary>
    public static IReadOnlyList<SteerCommand> All { get; } =
    [
        new("Get-VmMigrationJob", "Get-VmMigrationJob", Ends, ["domjobinfo"]),
        new("Set-VmMigrationJob -MaxDowntime", "Set-VmMigrationJob",
            (vm, host) => new { Vm = vm, VmHost = host, MaxDowntime = 20 }, ["migrate-setmaxdowntime", "--downtime", "20"]),
        new("Set-VmMigrationJob -Bandwidth", "Set-VmMigrationJob",
            (vm, host) => new { Vm = vm, VmHost = host, Bandwidth = 900 << 20 }, ["migrate-setspeed", "--bandwidth", "900"]),
        new("Stop-VmMigration", "Stop-VmMigration", Ends, ["domjobabort"], End: true),
        new("Switch-VmMigrationPostCopy", "Switch-VmMigrationPostCopy", Ends, ["migrate-postcopy"], End: true),
    ];

    private static object Ends(string vm, string host) => new { Vm = vm, VmHost = host };
}
