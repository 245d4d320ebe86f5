using VirtMigrate.Migration.Options;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>VFIO devices move neither with post-copy nor where the guest has an IOMMU of its own.</summary>
public sealed class VfioPostCopyCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var definition = await move.Vm.GetDefinitionAsync().ConfigureAwait(false);
        var devices = definition.PassedThroughDevices.Where(d => d.IsVfio && !d.IsUnpluggedFirst).ToArray();
        var host = await move.Source.GetHostAsync().ConfigureAwait(false);
        if (!move.IsLive || devices.Length == 0 || host.HypervisorVersion < QemuVersions.Vfio)
        {
            return NotApplicable("None");
        }

        var names = string.Join(", ", devices.AsEnumerable());
        var finding = move.Options.Has(MigrationOptions.PostCopy) ? Failed("PostCopy", names)
            : definition.HasIommu ? NotVerified("Iommu", names)
            : Passed("PreCopy", names);
        return finding.Seen(host.Name, "domain XML", $"{names}; IOMMU: {(definition.HasIommu ? "yes" : "no")}");
    }
}
