using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Measures for how long a migration has not come nearer to its end: less memory than ever remains, or the halves are in states
/// in which they have not been together before.
/// </summary>
internal sealed class StallClock
{
    private readonly HashSet<(VmStatus?, VmStatus?)> _states = [];
    private long _least = long.MaxValue;
    private long _since = Environment.TickCount64;

    /// <summary>The time without progress.</summary>
    public TimeSpan Stalled => TimeSpan.FromMilliseconds(Environment.TickCount64 - _since);

    /// <summary>Takes in a look at the migration.</summary>
    /// <param name="seen">What both hosts say.</param>
    /// <param name="remaining">The bytes that remain; null where the source does not tell.</param>
    public void Look(VmMigrationVerification seen, long? remaining)
    {
        var isNew = _states.Add((seen.SourceInstance.Status, seen.DestinationInstance.Status));
        if (!isNew && !(remaining < _least))
        {
            return;
        }

        _least = Math.Min(_least, remaining ?? long.MaxValue);
        _since = Environment.TickCount64;
    }
}
