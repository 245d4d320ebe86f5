namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>An image that a VM's disk consists of.</summary>
/// <param name="Target">The disk's target, such as <c>vda</c>.</param>
/// <param name="BackingIndex">0 for the image that the guest writes to; other numbers for the images behind it.</param>
/// <param name="Path">Its path or name; null where libvirt gives none.</param>
/// <param name="Capacity">The bytes that a guest sees of it; null where the host does not tell.</param>
/// <param name="Allocation">The bytes that it takes; null where the host does not tell.</param>
public sealed record VmDiskImage(string Target, int BackingIndex, string? Path, long? Capacity, long? Allocation);
