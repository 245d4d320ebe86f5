namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>What a host offers to guests of one architecture, as its capabilities list it for the emulators in their usual places.</summary>
/// <param name="Architecture">The architecture, such as <c>x86_64</c>.</param>
/// <param name="Emulators">The emulators' paths.</param>
/// <param name="Machines">The machine types by all of their names, such as <c>q35</c> and <c>pc-q35-7.2</c>.</param>
/// <param name="DomainTypes">The types of domain: <c>qemu</c>, and <c>kvm</c> where the host has it.</param>
public sealed record GuestSupport(
    string Architecture, IReadOnlyList<string> Emulators, IReadOnlySet<string> Machines, IReadOnlySet<string> DomainTypes);
