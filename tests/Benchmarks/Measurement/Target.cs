using System.Globalization;

namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>What is aimed at, as a bound of subject : peer.</summary>
internal sealed record Target
{
    private readonly double _ratio;
    private readonly bool _isFactor;

    private Target(double ratio, bool isFactor) => (_ratio, _isFactor) = (ratio, isFactor);

    /// <summary>The subject takes at most so many times what the peer takes.</summary>
    /// <param name="ratio">The ratio.</param>
    /// <returns>The target.</returns>
    public static Target AtMost(double ratio) => new(ratio, isFactor: false);

    /// <summary>The subject is at least so many times faster than the peer.</summary>
    /// <param name="factor">The factor.</param>
    /// <returns>The target.</returns>
    public static Target FasterBy(double factor) => new(1 / factor, isFactor: true);

    /// <summary>Whether a measured ratio is as aimed at.</summary>
    /// <param name="ratio">Subject : peer.</param>
    /// <returns>True when it is.</returns>
    public bool IsReached(double ratio) => ratio <= _ratio;

    /// <summary>Writes a ratio in the target's terms.</summary>
    /// <param name="ratio">Subject : peer.</param>
    /// <returns>Such as <c>1.03</c> or <c>1/41.2</c>.</returns>
    public string Format(double ratio) =>
        _isFactor ? string.Create(CultureInfo.InvariantCulture, $"1/{1 / ratio:0.0}") : Figure.Ratio(ratio);

    /// <inheritdoc/>
    public override string ToString() => _isFactor
        ? string.Create(CultureInfo.InvariantCulture, $"≤ 1/{1 / _ratio:0.##}")
        : string.Create(CultureInfo.InvariantCulture, $"≤ {_ratio:0.00}");
}
