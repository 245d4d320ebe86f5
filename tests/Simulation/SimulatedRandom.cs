namespace VirtMigrate.Simulation;

/// <summary>A stream of numbers that is the same for one seed on every machine and runtime (SplitMix64).</summary>
/// <param name="seed">The seed.</param>
internal sealed class SimulatedRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong NextUInt64()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to below a limit.</summary>
    public int Next(int limit) => (int)(NextUInt64() % (ulong)limit);

    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A duration between two, in milliseconds.</summary>
    public TimeSpan Between(double least, double most) => TimeSpan.FromMilliseconds(least + (NextDouble() * (most - least)));

    public T Of<T>(params ReadOnlySpan<T> choices) => choices[Next(choices.Length)];
}
