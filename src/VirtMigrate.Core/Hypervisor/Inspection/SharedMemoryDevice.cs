namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Memory that the guest shares with others on its host (shmem).</summary>
/// <param name="Name">Its name.</param>
/// <param name="Model">Its model, such as <c>ivshmem-plain</c>.</param>
/// <param name="Role">Whether its content moves with this VM: <c>master</c>, else <c>peer</c> or null.</param>
public sealed record SharedMemoryDevice(string Name, string? Model, string? Role);
