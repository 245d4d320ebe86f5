namespace VirtMigrate.Model;

/// <summary>
/// What a VM is doing, in libvirt's terms and with libvirt's numbers (virDomainState).
/// </summary>
public enum VmState
{
    /// <summary>The hypervisor gives no state.</summary>
    NoState = 0,

    /// <summary>The VM runs.</summary>
    Running = 1,

    /// <summary>The VM waits for a resource (Xen only).</summary>
    Blocked = 2,

    /// <summary>The VM's processors stand still; its memory is kept.</summary>
    Paused = 3,

    /// <summary>The VM is shutting down.</summary>
    ShuttingDown = 4,

    /// <summary>The VM is defined but does not run.</summary>
    ShutOff = 5,

    /// <summary>The VM crashed.</summary>
    Crashed = 6,

    /// <summary>The guest put itself to sleep.</summary>
    PmSuspended = 7,
}
