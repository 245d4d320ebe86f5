namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>The free memory pages of one size in one NUMA cell.</summary>
/// <param name="Cell">The cell's number, from 0.</param>
/// <param name="Size">A page's size in bytes.</param>
/// <param name="Count">How many are free.</param>
public sealed record FreePages(int Cell, long Size, long Count);
