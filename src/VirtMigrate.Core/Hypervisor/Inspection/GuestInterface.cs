namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A network card of a guest.</summary>
/// <param name="Type">What it is plugged into: <c>network</c>, <c>bridge</c>, <c>direct</c> and so on.</param>
/// <param name="Source">The name of that: a virtual network, a bridge, or a host's interface; null where it has none.</param>
/// <param name="Mtu">The largest frame in bytes that the guest is told; null where it is told nothing.</param>
/// <param name="VirtualPort">The type of virtual switch port, such as <c>openvswitch</c>; null for a plain bridge's.</param>
public sealed record GuestInterface(string Type, string? Source, int? Mtu, string? VirtualPort);
