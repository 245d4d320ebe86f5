using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Readiness.Storage;

/// <summary>Which disks a migration copies, by libvirt's rules (qemuMigrationAnyCopyDisk).</summary>
/// <param name="options">The migration's options.</param>
internal sealed class DiskCopies(MigrationOptionSet options)
{
    /// <summary>Whether any disk may be copied.</summary>
    public bool IsOn { get; } = (options.Flags & (MigrationFlags.NonSharedDisk | MigrationFlags.NonSharedIncremental)) != MigrationFlags.None;

    /// <summary>Whether only what lies over images that both hosts have is copied.</summary>
    public bool IsIncremental { get; } = (options.Flags & MigrationFlags.NonSharedIncremental) != MigrationFlags.None;

    /// <summary>The targets of the disks to copy; empty where libvirt chooses.</summary>
    public IReadOnlyList<string> Named { get; } =
    [
        .. options.Enabled.Where(o => o.Key == MigrationOptions.MigrateDisk).SelectMany(o => MigrationOption.ToTexts(o.Value)),
    ];

    /// <summary>Whether a disk is copied.</summary>
    /// <param name="disk">The disk.</param>
    /// <returns>True when it is.</returns>
    public bool Include(DomainDisk disk) => IsOn && (Named.Count > 0
        ? Named.Contains(disk.Target, StringComparer.Ordinal)
        : !disk.IsShareable && !disk.IsReadOnly && disk.Source is not null);
}
