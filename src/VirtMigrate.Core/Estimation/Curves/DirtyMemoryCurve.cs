using VirtMigrate.Model;

namespace VirtMigrate.Estimation;

/// <summary>
/// W(t): the distinct memory that a guest changes within a time t. It begins at 0, never falls, and is concave, since with a longer time
/// ever more writes meet pages that have been written before; it flattens at the guest's writable working set.
/// </summary>
/// <remarks>
/// Measured are a few points of it. Between them, before the first and after the last one, concavity leaves room between the chords below
/// and the lines that prolong the neighbouring chords above: the optimistic and the pessimistic curve.
/// </remarks>
public sealed class DirtyMemoryCurve
{
    // A curve that bends at its first point has bent before: no guest writes its busiest pages just once in just that time. How late
    // it may have begun to, as a share of that time; the published sample leaves room for it.
    private const double LatestKnee = 0.75;

    private readonly (double Seconds, double Bytes)[] _points;

    private DirtyMemoryCurve((double Seconds, double Bytes)[] points, double memory, double error)
    {
        _points = points;
        Memory = memory;
        RelativeError = error;
        Points = [.. points.Skip(1).Select(p => new DirtyMemoryPoint(TimeSpan.FromSeconds(p.Seconds), (long)p.Bytes))];
    }

    /// <summary>The points of the curve, by time, without the begin.</summary>
    public IReadOnlyList<DirtyMemoryPoint> Points { get; }

    /// <summary>How far the measured points may be off, as a share of them: 0.1 for a tenth.</summary>
    public double RelativeError { get; }

    /// <summary>The memory that the guest can change at most, in bytes.</summary>
    public double Memory { get; }

    /// <summary>Lays a curve through points that are exact.</summary>
    /// <param name="points">The points, by time.</param>
    /// <param name="memory">The memory that the guest can change at most, in bytes.</param>
    /// <returns>The curve.</returns>
    public static DirtyMemoryCurve Through(IEnumerable<DirtyMemoryPoint> points, double memory) => Through(points, memory, 0);

    /// <summary>Fits a curve to readings.</summary>
    /// <param name="readings">The readings, at least one.</param>
    /// <param name="memory">The memory that the guest can change at most, in bytes.</param>
    /// <returns>The curve that is nearest to the readings among those that begin at 0, never fall and are concave.</returns>
    public static DirtyMemoryCurve Fit(IReadOnlyCollection<DirtyRateReading> readings, double memory) =>
        Through(ConcaveFit.Of(readings), memory, ReadingError.Of(readings));

    private static DirtyMemoryCurve Through(IEnumerable<DirtyMemoryPoint> points, double memory, double error) =>
        new([(0, 0), .. points.Select(p => (p.Period.TotalSeconds, (double)p.Bytes))], memory, error);

    /// <summary>The most likely value.</summary>
    /// <param name="seconds">A time in seconds.</param>
    /// <returns>Distinct memory in bytes.</returns>
    public double Expected(double seconds) => Math.Min(Memory, Math.Max(Least(seconds), (Chord(seconds) + Prolonged(seconds)) / 2));

    /// <summary>The least that the points allow.</summary>
    /// <param name="seconds">A time in seconds.</param>
    /// <returns>Distinct memory in bytes.</returns>
    public double Optimistic(double seconds) => Math.Min(Memory, Least(seconds) * (1 - RelativeError));

    /// <summary>The most that the points allow: that they are too low, or that the curve bends as sharply as it can between them.</summary>
    /// <param name="seconds">A time in seconds.</param>
    /// <returns>Distinct memory in bytes.</returns>
    public double Pessimistic(double seconds) => Math.Min(Memory, Math.Max(Chord(seconds) * (1 + RelativeError), Prolonged(seconds)));

    /// <summary>The points.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Join(", ", Points);

    private double Least(double seconds)
    {
        var knee = LatestKnee * _points[1].Seconds;
        return _points.Length == 2 || seconds >= _points[1].Seconds ? Chord(seconds)
            : seconds >= knee ? Prolonged(seconds)
            : Prolonged(knee) * (seconds / knee);
    }

    private double Chord(double seconds)
    {
        var next = Next(seconds);
        return next == _points.Length ? _points[^1].Bytes : Line(next - 1, seconds);
    }

    // The lower one of the chords before and after this one, each prolonged to here; what is not known at either end is no bound.
    private double Prolonged(double seconds)
    {
        var next = Next(seconds);
        var before = next >= 2 ? Line(next - 2, seconds) : double.PositiveInfinity;
        var after = next + 1 < _points.Length ? Line(next, seconds)
            : next < _points.Length ? _points[next].Bytes
            : double.PositiveInfinity;
        return Math.Min(before, after);
    }

    private int Next(double seconds)
    {
        var next = 1;
        while (next < _points.Length && _points[next].Seconds < seconds)
        {
            next++;
        }

        return next;
    }

    // The line through a point and the one after it.
    private double Line(int at, double seconds)
    {
        var ((fromSeconds, fromBytes), (toSeconds, toBytes)) = (_points[at], _points[at + 1]);
        return fromBytes + ((toBytes - fromBytes) * (seconds - fromSeconds) / (toSeconds - fromSeconds));
    }
}
