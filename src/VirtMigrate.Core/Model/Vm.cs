namespace VirtMigrate;

/// <summary>
/// One libvirt domain on one host, as <c>virsh list --all</c> and <c>virsh dominfo</c> show it.
/// </summary>
public sealed record Vm : IVmReference
{
    /// <summary>The domain's name, unique on its host.</summary>
    public required string Name { get; init; }

    /// <summary>The domain's UUID.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The running domain's number on its host; null when it is shut off.</summary>
    public int? Id { get; init; }

    /// <summary>State and reason in one, as libvirt has them.</summary>
    public required VmStatus Status { get; init; }

    /// <summary>What the VM is doing.</summary>
    public VmState State => Status.State;

    /// <summary>Why it is in that state, in virsh's words.</summary>
    public string StateReason => Status.Reason;

    /// <summary>The host that this was read from.</summary>
    public required VmHost VmHost { get; init; }

    /// <summary>The number of virtual processors that the VM has now (when shut off: will have).</summary>
    public int VCpuCount { get; init; }

    /// <summary>The memory that the balloon leaves to the guest now, in bytes.</summary>
    public long Memory { get; init; }

    /// <summary>The largest memory that the guest can have, in bytes.</summary>
    public long MaxMemory { get; init; }

    /// <summary>Whether the host keeps a definition of the VM, so that it survives being shut off.</summary>
    public bool IsPersistent { get; init; }

    /// <summary>Whether the host starts the VM when it boots.</summary>
    public bool Autostart { get; init; }

    /// <summary>Whether the VM is active on its host, in whatever state. One that crashed and is kept for its dump is, too.</summary>
    internal bool IsActive => Status.IsActive || Id is not null;

    string IVmReference.GetVmName() => Name;

    VmHost IVmReference.GetLookupHost() => VmHost;

    /// <summary>The VM's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}

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

    /// <summary>The VM's processors are stopped; its memory is kept.</summary>
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

/// <summary>
/// An object that speaks of one VM, so that any of the module's outputs can name the VM of the next command.
/// </summary>
public interface IVmReference
{
    /// <summary>The VM's UUID, which stays the same wherever it runs.</summary>
    Guid Uuid { get; }

    // Methods, since PowerShell shows an interface's properties beside the object's own, in every list and every export.

    /// <summary>Tells the VM's name.</summary>
    /// <returns>The name.</returns>
    string GetVmName();

    /// <summary>Tells the host to look for the VM on: the one that it was seen on, or that it moves away from.</summary>
    /// <returns>The host.</returns>
    VmHost GetLookupHost();
}
