namespace VirtMigrate.Migration;

/// <summary>
/// What leads a migration from its begin to the verdict: the own call (<see cref="CallRegion"/>), the looks at another client's
/// (<see cref="FollowRegion"/>), or the calls that resume a broken one (<see cref="ResumeRegion"/>).
/// </summary>
internal abstract class ControlRegion
{
    /// <summary>What is known of the call.</summary>
    public CallState State { get; protected set; } = CallState.NotMade;

    /// <summary>Whether the call was made at all, so that what is heard and read from then on is of this migration.</summary>
    public bool WasMade { get; protected set; }

    /// <summary>How the call, or what came before it, failed; null where it did not.</summary>
    public Exception? Failure { get; protected set; }

    /// <summary>Why it was to end.</summary>
    public StopReason Stopping { get; protected set; }

    /// <summary>Whether the user, or the session's end, asked for the stop, whatever else did.</summary>
    public bool IsStopRequested { get; protected set; }

    /// <summary>Begins, when all is known and set that has to be before.</summary>
    public abstract void Make();

    /// <summary>Ends it before its end, as soon as that is possible.</summary>
    /// <param name="reason">Why.</param>
    public abstract void Stop(StopReason reason);

    /// <summary>Goes straight to the verdict, since something failed that nobody expected, or that has to be done before the call.</summary>
    /// <param name="failure">What failed.</param>
    public abstract void Fail(Exception failure);

    /// <summary>Takes one event in.</summary>
    /// <param name="happened">The event.</param>
    public abstract void Take(MigrationEvent happened);

    /// <summary>Goes on after the result was given out, for as long as the call may still take effect.</summary>
    public abstract void Guard();

    /// <summary>Leaves when nothing is left to do, after an event was taken in by all parts.</summary>
    public abstract void Settle();
}
