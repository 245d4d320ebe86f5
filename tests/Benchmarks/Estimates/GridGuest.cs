namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>A guest of the grid.</summary>
/// <param name="Pattern">How its writes spread, as <c>lab guest --pattern</c> takes it.</param>
/// <param name="Rate">What it writes, in MiB/s.</param>
/// <param name="WorkingSet">What it writes to, in MiB.</param>
/// <param name="Links">The rates of the links that it moves over, in Mbit/s.</param>
internal sealed record GridGuest(string Pattern, int Rate, int WorkingSet, IReadOnlyList<int> Links)
{
    // Of 16 writes 15 go to the first eighth of the pages, one after the other, and one to every sixteenth page of all.
    private const double HotWrites = 15.0 / 16;
    private const double HotPages = HotWrites / 8;
    private const double ColdPages = 1.0 / 16;

    /// <summary>The guest, as people call it.</summary>
    public string Name => $"{Pattern} {Rate} MiB/s in {WorkingSet} MiB";

    /// <summary>How many different bytes the guest has changed after it wrote so many.</summary>
    /// <param name="written">Bytes written, writes to the same page counted each time.</param>
    /// <returns>Distinct bytes.</returns>
    public double Distinct(double written)
    {
        var set = WorkingSet * 1024.0 * 1024;
        return Pattern is "hot"
            ? Math.Min(HotWrites * written, HotPages * set) + Math.Min((1 - HotWrites) * written, ColdPages * set)
            : Math.Min(written, set);
    }
}
