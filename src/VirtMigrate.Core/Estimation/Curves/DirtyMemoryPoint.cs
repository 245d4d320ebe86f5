using System.Globalization;

namespace VirtMigrate.Estimation;

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
