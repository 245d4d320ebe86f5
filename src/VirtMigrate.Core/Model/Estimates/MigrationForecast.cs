namespace VirtMigrate.Model;

/// <summary>How a migration will go with some options: the most likely figures, and the range that the measurements allow.</summary>
/// <remarks>
/// What belongs to a migration that would not end is null. Of one of which that is uncertain, the figures are those of the case that it ends.
/// </remarks>
public sealed record MigrationForecast
{
    /// <summary>Whether it ends.</summary>
    public required MigrationConvergence Verdict { get; init; }

    /// <summary>From the begin to the guest's running at the destination.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The duration if the guest writes as little as the measurements allow.</summary>
    public TimeSpan? ShortestDuration { get; init; }

    /// <summary>The duration if the guest writes as much as the measurements allow.</summary>
    public TimeSpan? LongestDuration { get; init; }

    /// <summary>Bytes of memory that cross.</summary>
    public long? Transferred { get; init; }

    /// <summary>Bytes of memory that cross at most.</summary>
    public long? MostTransferred { get; init; }

    /// <summary>Passes over the guest's memory.</summary>
    public int? Iterations { get; init; }

    /// <summary>The guest's standstill.</summary>
    public TimeSpan? Downtime { get; init; }

    /// <summary>The guest's standstill at most.</summary>
    public TimeSpan? LongestDowntime { get; init; }
}
