namespace VirtMigrate.Benchmarks.Transports;

/// <summary>A cmdlet that acts on a migration under way, and the virsh command that a person would type instead.</summary>
/// <param name="Name">What to call it.</param>
/// <param name="Script">The cmdlet; the guest is in <c>$guest</c> and the host that it leaves in <c>$here</c>.</param>
/// <param name="Virsh">The command without its connection and guest.</param>
/// <param name="End">Whether the migration is another one afterwards, so that each command needs one of its own.</param>
internal sealed record SteerCommand(string Name, string Script, string[] Virsh, bool End = false)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<SteerCommand> All { get; } =
    [
        new("Get-VmMigrationJob", "Get-VmMigrationJob $guest -VmHost $here", ["domjobinfo"]),
        new("Set-VmMigrationJob -MaxDowntime", "Set-VmMigrationJob $guest -VmHost $here -MaxDowntime 20", ["migrate-setmaxdowntime", "--downtime", "20"]),
        new("Set-VmMigrationJob -Bandwidth", "Set-VmMigrationJob $guest -VmHost $here -Bandwidth 900MB", ["migrate-setspeed", "--bandwidth", "900"]),
        new("Stop-VmMigration", "Stop-VmMigration $guest -VmHost $here", ["domjobabort"], End: true),
        new("Switch-VmMigrationPostCopy", "Switch-VmMigrationPostCopy $guest -VmHost $here", ["migrate-postcopy"], End: true),
    ];
}
