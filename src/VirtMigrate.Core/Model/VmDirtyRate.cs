using System.Globalization;

namespace VirtMigrate;

/// <summary>How fast one VM changes its memory, measured over one or several periods.</summary>
public sealed record VmDirtyRate : IVmReference
{
    /// <summary>The VM's name.</summary>
    public required string Vm { get; init; }

    /// <summary>The VM's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The host that it was measured on.</summary>
    public required VmHost VmHost { get; init; }

    /// <summary>The readings, in the order in which they were taken; at least one.</summary>
    public required IReadOnlyList<DirtyRateReading> Readings { get; init; }

    /// <summary>The distinct memory that the VM changes in a time, as the readings tell it.</summary>
    public required DirtyMemoryCurve Curve { get; init; }

    /// <summary>The rate over the longest period, in bytes per second: what a measurement of that period alone would have told.</summary>
    public long BytesPerSecond => Longest.BytesPerSecond;

    /// <summary>The longest period.</summary>
    public TimeSpan Period => Longest.Period;

    /// <summary>How it was measured.</summary>
    public DirtyRateMode Mode => Longest.Mode;

    /// <summary>The distinct memory that the VM changed during the longest period, in bytes.</summary>
    public long DistinctBytes => Longest.DistinctBytes;

    /// <summary>When the first reading was started; null where somebody else had started it.</summary>
    public DateTimeOffset? StartTime => Readings.Min(r => r.Start);

    private DirtyRateReading Longest => Readings.MaxBy(r => r.Period)!;

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => VmHost;

    /// <summary>The VM and its rate.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => $"{Vm}: {Longest}";
}

/// <summary>How fast a guest changed its memory while it was measured (virsh domdirtyrate-calc, domstats --dirtyrate).</summary>
/// <param name="BytesPerSecond">
/// The distinct memory that it changed, by second. QEMU counts whole MiB/s; with <see cref="DirtyRateMode.PageSampling"/> each page that
/// it compares stands for 2 MiB.
/// </param>
/// <param name="Period">How long it was measured.</param>
/// <param name="Start">When the measuring began; null for what somebody else measured, of which QEMU tells the host's uptime only.</param>
public sealed record DirtyRateReading(long BytesPerSecond, TimeSpan Period, DateTimeOffset? Start)
{
    private const double MiB = 1024 * 1024;

    /// <summary>How it was measured.</summary>
    public DirtyRateMode Mode { get; init; }

    /// <summary>The rate of each of the guest's processors; only with <see cref="DirtyRateMode.DirtyRing"/>.</summary>
    public IReadOnlyList<VcpuDirtyRate> Vcpus { get; init; } = [];

    /// <summary>The distinct memory that changed during the period, in bytes.</summary>
    public long DistinctBytes => (long)(BytesPerSecond * Period.TotalSeconds);

    /// <summary>
    /// What QEMU held of the host's memory for this VM when the reading ended, in bytes (balloon.rss); null where the host does not tell.
    /// </summary>
    public long? ResidentMemory { get; init; }

    /// <summary>The rate and its period.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{BytesPerSecond / MiB:0} MiB/s over {Period.TotalSeconds:0} s");
}

/// <summary>How fast one of a guest's processors changed memory.</summary>
/// <param name="Vcpu">The processor's number, from 0.</param>
/// <param name="BytesPerSecond">Bytes per second.</param>
public sealed record VcpuDirtyRate(int Vcpu, long BytesPerSecond)
{
    private const double MiB = 1024 * 1024;

    /// <summary>The processor and its rate.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"vCPU {Vcpu}: {BytesPerSecond / MiB:0} MiB/s");
}

/// <summary>How QEMU measures a dirty rate (virDomainDirtyRateCalcFlags, <c>virsh domdirtyrate-calc --mode</c>).</summary>
public enum DirtyRateMode
{
    /// <summary>512 pages of each GiB are compared before and after; costs the guest next to nothing.</summary>
    PageSampling,

    /// <summary>Every write is logged, which slows the guest's writes while it is measured (libvirt 8.1, QEMU 6.2).</summary>
    DirtyBitmap,

    /// <summary>Every write is logged for each processor; the VM must have KVM's dirty ring (libvirt 8.1, QEMU 6.2).</summary>
    DirtyRing,
}

/// <summary>
/// W(t): the distinct memory that a guest dirties within a time t. W(0) = 0, W' ≥ 0, W'' ≤ 0, since with a longer time more writes meet pages
/// that have been written before; it flattens at the guest's writable working set (C. Clark et al., NSDI 2005).
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

    // Nineteen of twenty curves are nearer. What ends even with the pessimistic curve is promised to end: there it is 370 of 371.
    private const double Deviations = 2;
    private const double PromiseDeviations = 3;

    // Where hardly a page was found changed, a guest hardly writes.
    private const double MostDeviation = 0.15;

    private readonly (double Seconds, double Bytes)[] _points;
    private readonly double[] _deviations;
    private readonly DirtyMemoryCurve? _withKnee;

    /// <summary>Lays a curve through fitted points.</summary>
    /// <param name="fit">The points, with how far they may be off.</param>
    /// <param name="memory">The memory that the guest can change at most, in bytes.</param>
    internal DirtyMemoryCurve(CurveFit fit, double memory)
    {
        (Points, Memory) = (fit.Points, memory);
        _points = [(0, 0), .. fit.Points.Select(p => (p.Period.TotalSeconds, (double)p.Bytes))];
        _deviations = [.. fit.Deviations.Select(d => Math.Min(d, MostDeviation))];
        _withKnee = fit.WithKnee is { } other ? new(other, memory) : null;
    }

    /// <summary>The points of the curve, by time, without the one at 0.</summary>
    public IReadOnlyList<DirtyMemoryPoint> Points { get; }

    /// <summary>How far the first point, which decides over the last iterations, may be off, as a share of it: 0.1 for a tenth.</summary>
    public double RelativeError => Deviations * _deviations[0];

    /// <summary>The memory that the guest can change at most, in bytes.</summary>
    public double Memory { get; }

    /// <summary>Lays a curve through points that are exact.</summary>
    /// <param name="points">The points, by time.</param>
    /// <param name="memory">The memory that the guest can change at most, in bytes.</param>
    /// <returns>The curve.</returns>
    public static DirtyMemoryCurve Through(IEnumerable<DirtyMemoryPoint> points, double memory)
    {
        DirtyMemoryPoint[] exact = [.. points];
        return new(new(exact, new double[exact.Length]), memory);
    }

    /// <summary>The most likely value.</summary>
    /// <param name="seconds">A time in seconds.</param>
    /// <returns>Distinct memory in bytes.</returns>
    public double Expected(double seconds) => Math.Min(Memory, Math.Max(Least(seconds), (Chord(seconds) + Prolonged(seconds)) / 2));

    /// <summary>The least that the points allow.</summary>
    /// <param name="seconds">A time in seconds.</param>
    /// <returns>Distinct memory in bytes.</returns>
    public double Optimistic(double seconds)
    {
        var expected = Expected(seconds);
        return Math.Max(0, expected - Together(expected - Least(seconds), expected * Deviations * Deviation(seconds)));
    }

    /// <summary>The most that the points allow: that they are too low, or that the curve bends as sharply as it can between them.</summary>
    /// <param name="seconds">A time in seconds.</param>
    /// <returns>Distinct memory in bytes.</returns>
    public double Pessimistic(double seconds)
    {
        var (expected, most) = (Expected(seconds), Math.Max(Chord(seconds), Prolonged(seconds)));
        var own = expected + Together(most - expected, most * PromiseDeviations * Deviation(seconds));
        return Math.Min(Memory, Math.Max(own, _withKnee?.Pessimistic(seconds) ?? 0));
    }

    /// <summary>The points.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Join(", ", Points);

    // Neither has to do with the other, so that they rarely go all the same way.
    private static double Together(double room, double error) => double.IsFinite(room) ? Math.Sqrt((room * room) + (error * error)) : room;

    private double Deviation(double seconds)
    {
        var next = Math.Min(Next(seconds), _points.Length - 1);
        var (before, after) = (_deviations[Math.Max(next - 2, 0)], _deviations[next - 1]);
        var (from, to) = (_points[next - 1].Seconds, _points[next].Seconds);
        return before + ((after - before) * Math.Clamp((seconds - from) / (to - from), 0, 1));
    }

    private double Least(double seconds)
    {
        var knee = Math.Min(_points[1].Seconds, LatestKnee * LatestBend());
        return _points.Length == 2 || seconds >= _points[1].Seconds ? Chord(seconds)
            : seconds >= knee ? Prolonged(seconds)
            : Prolonged(knee) * (seconds / knee);
    }

    // When a guest that writes as evenly as it does up to the first point would have to start to write less, to get to the later points.
    private double LatestBend()
    {
        var (seconds, bytes) = _points[1];
        if (_points.Length < 4)
        {
            return seconds;
        }

        var (at, slope) = (Line(2, 0), (_points[3].Bytes - _points[2].Bytes) / (_points[3].Seconds - _points[2].Seconds));
        var steeper = (bytes / seconds) - slope;
        return steeper > 0 ? Math.Clamp(at / steeper, seconds, _points[2].Seconds) : _points[2].Seconds;
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

/// <summary>A point of a curve of dirtied memory.</summary>
/// <param name="Period">A time.</param>
/// <param name="Bytes">The distinct memory that a guest changes within it.</param>
public sealed record DirtyMemoryPoint(TimeSpan Period, long Bytes)
{
    private const double MiB = 1024 * 1024;

    /// <summary>The time and the memory.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Period.TotalSeconds:0.###} s: {Bytes / MiB:0.#} MiB");
}

/// <summary>A curve that was fitted to readings.</summary>
/// <param name="Points">Its points, one for each period.</param>
/// <param name="Deviations">The standard deviation of each point, as a share of it.</param>
internal sealed record CurveFit(IReadOnlyList<DirtyMemoryPoint> Points, IReadOnlyList<double> Deviations)
{
    /// <summary>The nearest curve with a knee at the shortest period, where it is hardly nearer than this one without; null elsewhere.</summary>
    public CurveFit? WithKnee { get; init; }
}
