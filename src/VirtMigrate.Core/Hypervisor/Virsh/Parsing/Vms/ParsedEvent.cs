namespace VirtMigrate.Hypervisor.Virsh.Parsing.Vms;

/// <summary>An event as virsh tells it, with a VM's name where libvirt has a UUID.</summary>
/// <param name="Names">What the VM may be called, the likelier first.</param>
/// <param name="ToEvent">Makes the event when the VM is known.</param>
internal sealed record ParsedEvent(IReadOnlyList<string> Names, Func<Guid, DomainEvent> ToEvent);
