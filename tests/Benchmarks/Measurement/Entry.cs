namespace VirtMigrate.Benchmarks.Measurement;

/// <summary>One side of a comparison.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Series">Its figures.</param>
internal sealed record Entry(string Name, Series Series);
