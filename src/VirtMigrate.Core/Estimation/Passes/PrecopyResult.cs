namespace VirtMigrate.Estimation;

/// <summary>How a pre-copy migration goes by the model.</summary>
/// <param name="End">How it ends.</param>
/// <param name="Seconds">The time until all memory has moved, until it is given up, or until it is clear that it never ends.</param>
/// <param name="Bytes">What crosses until then.</param>
/// <param name="Passes">How often memory is gone through.</param>
/// <param name="Standstill">The time in seconds that the last pass takes while the guest stands still; 0 in post-copy.</param>
public readonly record struct PrecopyResult(PrecopyEnd End, double Seconds, double Bytes, int Passes, double Standstill)
{
    /// <summary>The longest standstill that was allowed in the end, in seconds.</summary>
    public double Limit { get; init; }

    /// <summary>Whether the guest reaches the destination.</summary>
    public bool Moves => End is PrecopyEnd.SwitchOver or PrecopyEnd.PostCopy or PrecopyEnd.Suspended;
}
