namespace VirtMigrate.Benchmarks;

/// <summary>A benchmark could not measure.</summary>
/// <param name="message">Why.</param>
internal sealed class BenchmarkException(string message) : Exception(message);
