using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Checks;

/// <summary>Libvirt migrates between hosts of one and the same driver; what the other checks know is QEMU's.</summary>
public sealed class HypervisorDriverCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var source = await move.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await move.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = string.Equals(source.Hypervisor, destination.Hypervisor, StringComparison.OrdinalIgnoreCase)
            ? string.Equals(source.Hypervisor, "QEMU", StringComparison.OrdinalIgnoreCase)
                ? Passed("Qemu")
                : NotVerified("Unknown", source.Hypervisor)
            : Failed("Different", source.Hypervisor, destination.Hypervisor);
        return finding
            .Seen(source.Name, "driver", source.Hypervisor)
            .Seen(destination.Name, "driver", destination.Hypervisor);
    }
}
