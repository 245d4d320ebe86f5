namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>The migrations that estimates are held to.</summary>
internal static class EstimateGrid
{
    /// <summary>The memory of a guest, in MiB.</summary>
    public const int Memory = 256;

    /// <summary>The rates of the links, in Mbit/s. Above these the emulated processors, not the links, set the pace.</summary>
    public static readonly int[] Links = [120, 200, 320, 480];

    // What guests write, in MiB/s, and to how much of their memory, in MiB.
    private static readonly int[] Rates = [4, 8, 14, 22, 36];
    private static readonly int[] WorkingSets = [128, 32];

    // How their writes spread: one page after the other, mostly over an eighth of them, and from none to twice the rate within 8.6 s.
    private static readonly string[] Patterns = ["uniform", "hot", "saw"];

    /// <summary>Lists the grid: each rate over each link with each working set, guest by guest.</summary>
    /// <returns>The cells.</returns>
    public static IReadOnlyList<GridCell> List() =>
        [.. Rates.SelectMany(ListGuests).SelectMany(g => g.Links.Select(l => (Guest: g, Link: l))).Select((c, i) => new GridCell(i + 1, c.Guest, c.Link))];

    // Every rate meets every working set, and the patterns take turns, so that each meets both sets and the slow and the fast.
    private static IEnumerable<GridGuest> ListGuests(int rate, int turn) =>
        WorkingSets.Select((set, i) => new GridGuest(Patterns[(turn + i) % Patterns.Length], rate, set, Links));
}
