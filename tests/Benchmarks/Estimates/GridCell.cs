namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>One migration of the grid.</summary>
/// <param name="Number">Its number, from 1.</param>
/// <param name="Guest">The guest that moves.</param>
/// <param name="Link">The rate of the hosts' links, in Mbit/s.</param>
internal sealed record GridCell(int Number, GridGuest Guest, int Link);
