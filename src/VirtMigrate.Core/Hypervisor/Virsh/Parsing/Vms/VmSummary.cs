namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>What <c>dominfo</c> prints of a VM.</summary>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Id">The number that it has while it is active; null while it is not.</param>
/// <param name="Name">Its name.</param>
/// <param name="VCpuCount">The number of its processors.</param>
/// <param name="MaxMemory">The memory that it can have, in bytes.</param>
/// <param name="Memory">The memory that it has, in bytes.</param>
/// <param name="IsPersistent">Whether it stays defined when it stops.</param>
/// <param name="Autostart">Whether it starts with its host; null where that was not told.</param>
internal sealed record VmSummary(
    Guid Uuid, int? Id, string Name, int VCpuCount, long MaxMemory, long Memory, bool IsPersistent, bool? Autostart);
