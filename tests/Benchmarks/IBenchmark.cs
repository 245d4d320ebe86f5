using VirtMigrate.Benchmarks.Measurement;

namespace VirtMigrate.Benchmarks;

/// <summary>One benchmark.</summary>
internal interface IBenchmark
{
    /// <summary>The name to select it by.</summary>
    string Name { get; }

    /// <summary>What is compared with what.</summary>
    string Description { get; }

    /// <summary>Whether it needs real hosts.</summary>
    bool NeedsLab { get; }

    /// <summary>Whether it runs only when it is named, since it takes half an hour.</summary>
    bool OnlyByName => false;

    /// <summary>Measures.</summary>
    /// <param name="context">What the benchmarks share.</param>
    /// <returns>What was measured.</returns>
    Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context);
}
