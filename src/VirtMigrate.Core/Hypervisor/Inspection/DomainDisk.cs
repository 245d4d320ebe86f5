namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>A disk, CD-ROM drive or floppy drive of a domain.</summary>
/// <param name="Target">What the guest's drive is called in the definition, such as <c>vda</c>.</param>
/// <param name="Device">The kind of drive: <c>disk</c>, <c>lun</c>, <c>cdrom</c> or <c>floppy</c>.</param>
/// <param name="Source">Where its data come from; null for an empty drive.</param>
public sealed record DomainDisk(string Target, string Device, DiskSource? Source)
{
    /// <summary>The images behind it, as far as the definition names them: those that the guest does not write to.</summary>
    public IReadOnlyList<DiskSource> Backing { get; init; } = [];

    /// <summary>How the host caches it, such as <c>none</c> or <c>writeback</c>; null for the hypervisor's default.</summary>
    public string? Cache { get; init; }

    /// <summary>Whether the guest can't write to it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>Whether several VMs may use it at once.</summary>
    public bool IsShareable { get; init; }

    /// <summary>Whether all that the guest writes is forgotten when it stops.</summary>
    public bool IsTransient { get; init; }

    /// <summary>What libvirt does where its image is missing: <c>mandatory</c>, <c>requisite</c> or <c>optional</c>; null for the first.</summary>
    public string? StartupPolicy { get; init; }

    /// <summary>The UUIDs of the secrets that its data are read with.</summary>
    public IReadOnlyList<Guid> Secrets { get; init; } = [];

    /// <summary>Whether it is a drive whose medium can be taken out.</summary>
    public bool IsRemovable => Device is "cdrom" or "floppy";

    /// <summary>What to call it to people.</summary>
    /// <returns>The target and what lies behind it.</returns>
    public override string ToString() => Source is null ? Target : $"{Target} ({Source.Name})";
}
