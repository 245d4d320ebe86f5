namespace VirtMigrate.Options;

/// <summary>
/// What a migration may cost, enforced from this side while it runs. Read from the options: <see cref="Options.MigrationOptionSet.Limits"/>.
/// </summary>
public sealed record MigrationLimits
{
    /// <summary>No limits but the host's own.</summary>
    public static readonly MigrationLimits None = new();

    /// <summary>QEMU's own limit of the downtime, where nobody has set another.</summary>
    public static readonly TimeSpan UsualMaxDowntime = TimeSpan.FromMilliseconds(300);

    /// <summary>The longest downtime of the guest; null for the host's present limit (QEMU: 300 ms).</summary>
    public TimeSpan? MaxDowntime { get; init; }

    /// <summary>The time after which <see cref="OnTimeout"/> happens; null to let the migration run.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What happens when the time is up.</summary>
    public TimeoutAction OnTimeout { get; init; }
}
