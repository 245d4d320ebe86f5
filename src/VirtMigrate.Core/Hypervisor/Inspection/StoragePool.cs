namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A storage pool of a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, such as <c>dir</c>, <c>netfs</c>, <c>logical</c> or <c>rbd</c>.</param>
/// <param name="IsActive">Whether it is started; only then are its volumes known.</param>
/// <param name="TargetPath">The directory that its volumes are in; null where it has none.</param>
/// <param name="Source">Where a shared pool's content comes from, such as <c>nas:/export/vms</c>; null for a local one.</param>
/// <param name="Available">The bytes that new volumes can take.</param>
public sealed record StoragePool(string Name, string Type, bool IsActive, string? TargetPath, string? Source, long Available);
