namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>How a guest's processor compares with a host's, with libvirt's numbers (virCPUCompareResult).</summary>
public enum CpuComparisonResult
{
    /// <summary>The host lacks something that the guest's processor has.</summary>
    Incompatible = 0,

    /// <summary>They are the same.</summary>
    Identical = 1,

    /// <summary>The host has all that the guest's processor has, and more.</summary>
    Superset = 2,
}
