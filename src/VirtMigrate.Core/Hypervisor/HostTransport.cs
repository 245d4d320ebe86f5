namespace VirtMigrate.Hypervisor;

/// <summary>The ways to reach hosts.</summary>
public enum HostTransport
{
    /// <summary>Libvirt's C API in this process.</summary>
    Libvirt,

    /// <summary>Virsh on this machine.</summary>
    Virsh,

    /// <summary>Virsh on the host itself, started by ssh.</summary>
    Ssh,
}
