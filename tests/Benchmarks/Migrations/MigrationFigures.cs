namespace VirtMigrate.Benchmarks.Migrations;

/// <summary>What one migration took.</summary>
/// <param name="Time">From the command to its end.</param>
/// <param name="Job">The part of it that libvirt's account covers; the rest is the client's, and the hosts' clearing up.</param>
/// <param name="Downtime">The guest's downtime by libvirt's account.</param>
/// <param name="Silence">The longest time between two of the guest's ticks (ten a second), by this machine's clock.</param>
internal sealed record MigrationFigures(TimeSpan Time, TimeSpan Job, TimeSpan Downtime, TimeSpan Silence);
