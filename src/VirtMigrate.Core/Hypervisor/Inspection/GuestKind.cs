namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A kind of guest: what libvirt needs to know to tell what such guests can have on a host.</summary>
/// <param name="Emulator">The emulator's path; null for the host's own for this architecture.</param>
/// <param name="Architecture">The guest's architecture, such as <c>x86_64</c>.</param>
/// <param name="Machine">The machine type, such as <c>pc-q35-7.2</c>; null for the host's default.</param>
/// <param name="DomainType">The type of domain: <c>kvm</c>, or <c>qemu</c> for software emulation.</param>
public sealed record GuestKind(string? Emulator, string Architecture, string? Machine, string DomainType);
