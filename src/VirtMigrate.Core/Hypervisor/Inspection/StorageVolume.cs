namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A volume of a storage pool.</summary>
/// <param name="Path">Its path on the host.</param>
/// <param name="Pool">The pool's name.</param>
/// <param name="Capacity">The bytes that a guest sees of it.</param>
/// <param name="Allocation">The bytes that it takes in the pool.</param>
public sealed record StorageVolume(string Path, string Pool, long Capacity, long Allocation);
