using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>Follows the passes of a migration over the guest's memory by libvirt's accounts, and tells what each of them showed.</summary>
/// <remarks>
/// QEMU begins a new pass when what remains of the present one fits into the allowed standstill. What remains then is a part of what
/// the new pass has to send; the other part is what the guest has dirtied since the last pass began.
/// </remarks>
internal sealed class PassHistory
{
    // What the guest dirties again of what was sent, from which share on the passes get no shorter: noise must not decide it.
    private const double StalledShare = 0.95;

    private TimeSpan? _begin;
    private long _processed;
    private (double Dirtied, double Sent)? _last;
    private (double Dirtied, double Sent)? _lastButOne;

    /// <summary>The number of the present pass; 0 before the first.</summary>
    public long Iteration { get; private set; }

    /// <summary>What remained at the begin of the present pass, as the first account of it told.</summary>
    public long Remaining { get; private set; }

    /// <summary>Whether the guest dirtied as much in the last two passes as they sent, the first one aside, so that nothing was gained.</summary>
    public bool IsStalled => _last is { } last && _lastButOne is { } other && last.Dirtied + other.Dirtied >= StalledShare * (last.Sent + other.Sent);

    /// <summary>Takes an account in.</summary>
    /// <param name="account">The account.</param>
    /// <param name="rate">The rate of the move in bytes per second; null where it is not known.</param>
    /// <param name="maxDowntime">The standstill that is allowed.</param>
    /// <returns>The time of the pass that has ended and what the guest dirtied in it; null where none has, or its begin was not seen.</returns>
    public (TimeSpan Period, long Bytes)? Take(JobStatistics account, double? rate, TimeSpan maxDowntime)
    {
        if (account.Iteration is not { } iteration || iteration <= Iteration)
        {
            return null;
        }

        var (remaining, processed) = (account.MemoryRemaining ?? account.DataRemaining, account.MemoryProcessed ?? account.DataProcessed);
        (TimeSpan, long)? seen = null;
        if (_begin is { } begin && account.Elapsed > begin)
        {
            // Where passes were too short to be looked at one by one, they are told by their mean. The first pass sends pages of zeroes
            // as next to nothing, so that what was sent says little of what was left over.
            var passes = iteration - Iteration;
            var sent = processed - _processed;
            var left = Math.Min(Remaining - sent, (rate ?? 0) * maxDowntime.TotalSeconds);
            var dirtied = Math.Max(0, remaining - left);
            (_lastButOne, _last) = (_last, Iteration > 1 ? (dirtied, sent) : null);
            seen = ((account.Elapsed - begin) / passes, (long)(dirtied / passes));
        }

        _begin = Begin(account, iteration, processed, rate);
        (Iteration, Remaining, _processed) = (iteration, remaining, processed);
        return seen;
    }

    /// <summary>The time since the present pass began.</summary>
    /// <param name="account">The newest account.</param>
    /// <returns>The time; nothing where the begin was not seen.</returns>
    public TimeSpan InPass(JobStatistics account) => _begin is { } begin && account.Elapsed > begin ? account.Elapsed - begin : TimeSpan.Zero;

    // The first account of all may come late: in the first pass what has been sent tells how late, in a later one nothing does.
    private TimeSpan? Begin(JobStatistics account, long iteration, long processed, double? rate)
    {
        if (Iteration > 0)
        {
            return account.Elapsed;
        }

        return iteration > 1 ? null : account.Elapsed - TimeSpan.FromSeconds(Math.Min(rate > 0 ? processed / rate.Value : 0, account.Elapsed.TotalSeconds));
    }
}
