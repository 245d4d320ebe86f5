namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>One row of a benchmark's figures.</summary>
/// <param name="Benchmark">The benchmark.</param>
/// <param name="What">What was measured, and of what.</param>
/// <param name="Unit">What the figures count.</param>
/// <param name="Subject">The module's side.</param>
/// <param name="Peer">What it is compared with; null for a figure that stands alone.</param>
/// <param name="Target">What is aimed at; null for a figure that is only told.</param>
internal sealed record BenchmarkResult(string Benchmark, string What, Unit Unit, Entry Subject, Entry? Peer = null, Target? Target = null)
{
    /// <summary>Subject : peer, the median of all rounds; null without a peer.</summary>
    public double? Ratio => Peer is null ? null : Subject.Series.RatioTo(Peer.Series);

    /// <summary>Whether the target is reached; null without a target.</summary>
    public bool? IsReached => Ratio is { } ratio ? Target?.IsReached(ratio) : null;
}
