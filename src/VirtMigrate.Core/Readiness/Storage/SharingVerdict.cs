namespace VirtMigrate.Readiness.Storage;

/// <summary>What libvirt would make of the storage of a disk that is not copied.</summary>
internal enum SharingVerdict
{
    /// <summary>It takes it for shared.</summary>
    Shared,

    /// <summary>A block device that is most likely the host's own; libvirt does not look.</summary>
    LocalDevice,

    /// <summary>A block device; libvirt does not look, and nobody tells whether both hosts have the same.</summary>
    AnyDevice,

    /// <summary>It can't be seen from here.</summary>
    Unknown,

    /// <summary>Not shared, so that libvirt refuses.</summary>
    Apart,
}
