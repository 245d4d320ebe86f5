namespace VirtMigrate.Model;

/// <summary>How QEMU measures a dirty rate (virDomainDirtyRateCalcFlags, <c>virsh domdirtyrate-calc --mode</c>).</summary>
public enum DirtyRateMode
{
    /// <summary>512 pages of each GiB are compared before and after; costs the guest next to nothing.</summary>
    PageSampling,

    /// <summary>Every write is logged, which slows the guest's writes while it is measured (libvirt 8.1, QEMU 6.2).</summary>
    DirtyBitmap,

    /// <summary>Every write is logged for each processor; the VM must have KVM's dirty ring (libvirt 8.1, QEMU 6.2).</summary>
    DirtyRing,
}
