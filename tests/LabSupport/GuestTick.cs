using System.Globalization;

namespace VirtMigrate.LabSupport;

/// <summary>What a guest said of itself at a moment.</summary>
/// <param name="Number">The tick's number, from 1.</param>
/// <param name="Time">The guest's clock, which stands still with it.</param>
/// <param name="Written">The bytes that it has written to its working set, writes to the same page counted each time.</param>
public sealed record GuestTick(long Number, TimeSpan Time, long Written)
{
    private const int PageBytes = 4096;

    /// <summary>What the guest wrote since an earlier moment, in bytes per second of its clock.</summary>
    /// <param name="earlier">The earlier moment.</param>
    /// <returns>The rate.</returns>
    public double RateSince(GuestTick earlier) => (Written - earlier.Written) / (Time - earlier.Time).TotalSeconds;

    /// <summary>Reads a line of the guest's console.</summary>
    /// <param name="line">The line, such as <c>tick 123 t=14.601 ok pages=8192 written=51200 swept=20172 disk=off</c>.</param>
    /// <returns>What it says; null for a line that is no tick, or not a whole one.</returns>
    public static GuestTick? Parse(string line)
    {
        var words = line.Split(' ');
        if (words is not ["tick", var number, ..] || !line.Contains(" disk=", StringComparison.Ordinal))
        {
            return null;
        }

        string Value(string name) => words.First(w => w.StartsWith(name, StringComparison.Ordinal))[name.Length..];
        return new(
            long.Parse(number, CultureInfo.InvariantCulture),
            TimeSpan.FromSeconds(double.Parse(Value("t="), CultureInfo.InvariantCulture)),
            long.Parse(Value("written="), CultureInfo.InvariantCulture) * PageBytes);
    }
}
