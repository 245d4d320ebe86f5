
namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>What <c>domstats</c> printed of one VM.</summary>
/// <param name="Name">The VM's name.</param>
/// <param name="Values">Its statistics, in libvirt's order.</param>
internal sealed record VmRecord(string Name, IReadOnlyList<TypedParameter> Values);
