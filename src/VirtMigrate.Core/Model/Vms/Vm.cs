namespace VirtMigrate.Model;

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

    string IVmReference.GetVmName() => Name;

    VmHost IVmReference.GetLookupHost() => VmHost;

    /// <summary>The VM's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
