namespace VirtMigrate.Estimation;

/// <summary>
/// What QEMU's auto-converge keeps from a guest: when twice in a second or more it changed more than half of what was sent in that
/// time, the first share, and from then on more each time (migration_trigger_throttle).
/// </summary>
/// <param name="initial">The first share, 0 to 1; QEMU's own is 0.2.</param>
/// <param name="increment">What is added, 0 to 1; QEMU's own is 0.1.</param>
internal sealed class AutoConvergeCourse(double initial, double increment)
{
    private const double Most = 0.99;
    private const double Tolerated = 0.5;
    private const double ShortestPeriod = 1;

    private double _seconds;
    private double _sent;
    private double _dirtied;
    private bool _isSecond;

    /// <summary>The share that is kept from the guest at present.</summary>
    public double Throttle { get; private set; }

    /// <summary>Whether it can still get more.</summary>
    public bool CanRise => Throttle < Most;

    /// <summary>Takes a pass in.</summary>
    /// <param name="seconds">How long it took.</param>
    /// <param name="sent">What was sent in it.</param>
    /// <param name="dirtied">What the guest changed in it.</param>
    public void Add(double seconds, double sent, double dirtied)
    {
        (_seconds, _sent, _dirtied) = (_seconds + seconds, _sent + sent, _dirtied + dirtied);
        if (_seconds < ShortestPeriod)
        {
            return;
        }

        if (_dirtied > Tolerated * _sent)
        {
            if (_isSecond)
            {
                Throttle = Throttle > 0 ? Math.Min(Most, Throttle + increment) : Math.Min(Most, initial);
            }

            _isSecond = !_isSecond;
        }

        (_seconds, _sent, _dirtied) = (0, 0, 0);
    }
}
