namespace VirtMigrate.Migration;

/// <summary>
/// An outgoing migration that the source shows, by when it began. Libvirt tells how long a job has run, so that its begin lies between what
/// follows from the moment of the question and from that of the answer; several looks narrow that down.
/// </summary>
/// <param name="Earliest">The earliest that it may have begun, as time since the migration began.</param>
/// <param name="Latest">The latest.</param>
/// <param name="Elapsed">How long it had run when it was seen last.</param>
internal sealed record OutgoingJob(TimeSpan Earliest, TimeSpan Latest, TimeSpan Elapsed)
{
    /// <summary>Takes a look in: at the job that was seen before, or at another one that began since.</summary>
    /// <param name="former">The job that the last look showed; null where it showed none.</param>
    /// <param name="elapsed">How long the job has run by the source's clock.</param>
    /// <param name="askedAt">When the source was asked.</param>
    /// <param name="now">When it answered.</param>
    /// <returns>The job.</returns>
    public static OutgoingJob See(OutgoingJob? former, TimeSpan elapsed, TimeSpan askedAt, TimeSpan now)
    {
        var (earliest, latest) = (askedAt - elapsed, now - elapsed);
        if (former is null || elapsed < former.Elapsed)
        {
            return new(earliest, latest, elapsed);
        }

        // Over a long time two clocks drift apart: what is known well enough stays.
        return former.Latest - former.Earliest <= MigrationDeadlines.OneTime
            ? former with { Elapsed = elapsed }
            : new(earliest > former.Earliest ? earliest : former.Earliest, latest < former.Latest ? latest : former.Latest, elapsed);
    }
}
