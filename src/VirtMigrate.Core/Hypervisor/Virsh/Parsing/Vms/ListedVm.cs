namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>A VM in virsh's list.</summary>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Id">The number that it has while it is active; null while it is not.</param>
/// <param name="Name">Its name.</param>
internal sealed record ListedVm(Guid Uuid, int? Id, string Name);
