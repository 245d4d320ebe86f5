namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A device of the host that the guest has for itself: a hostdev element, or an interface of type hostdev.</summary>
/// <param name="Kind">The kind: <c>pci</c>, <c>usb</c>, <c>scsi</c>, <c>scsi_host</c>, <c>mdev</c>, or <c>interface</c> for a network card.</param>
/// <param name="Name">What to call it to people.</param>
/// <param name="IsUnpluggedFirst">Whether the hypervisor takes it out before the VM moves (teaming type='transient').</param>
/// <param name="StartupPolicy">What libvirt does where it is missing: <c>mandatory</c>, <c>requisite</c> or <c>optional</c>; null for the first.</param>
public sealed record PassedThroughDevice(string Kind, string Name, bool IsUnpluggedFirst, string? StartupPolicy)
{
    /// <summary>Whether the guest has it through VFIO.</summary>
    public bool IsVfio => Kind is "pci" or "mdev" or "interface";

    /// <summary>What to call it to people.</summary>
    /// <returns>The kind and the name.</returns>
    public override string ToString() => Kind switch
    {
        "pci" => $"PCI device {Name}",
        "usb" => $"USB device {Name}",
        "mdev" => $"mediated device {Name}",
        "interface" => $"network card {Name}",
        _ => $"{Kind} device {Name}",
    };
}
