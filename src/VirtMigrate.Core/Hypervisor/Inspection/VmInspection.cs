using VirtMigrate.Model;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>What a host tells of one VM when it is asked for all.</summary>
/// <param name="Vm">The VM's UUID.</param>
public sealed record VmInspection(Guid Vm)
{
    /// <summary>Whether it has snapshots.</summary>
    public bool HasSnapshots { get; init; }

    /// <summary>Whether it has checkpoints.</summary>
    public bool HasCheckpoints { get; init; }

    /// <summary>
    /// Whether libvirt keeps its saved memory (virsh managedsave), from which the next start on this host goes on. The image lies beside the
    /// definition, and outlives the VM's next run where that began on another host.
    /// </summary>
    public bool HasManagedSave { get; init; }

    /// <summary>The images of its disks.</summary>
    public IReadOnlyList<VmDiskImage> Images { get; init; } = [];

    /// <summary>Its resident memory in bytes; null where the host does not tell.</summary>
    public long? ResidentMemory { get; init; }

    /// <summary>The last measured dirty rate; null where none was measured.</summary>
    public DirtyRateReading? DirtyRate { get; init; }
}
