using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>Libvirt migrates between hosts of one and the same driver; what the other checks know is QEMU's.</summary>
internal sealed class HypervisorDriverCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;
    public override string Subject => "Both hosts have the same libvirt driver, and it is QEMU's.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var source = await context.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = string.Equals(source.Hypervisor, destination.Hypervisor, StringComparison.OrdinalIgnoreCase)
            ? string.Equals(source.Hypervisor, "QEMU", StringComparison.OrdinalIgnoreCase)
                ? Passed($"Both hosts have libvirt's QEMU driver.")
                : NotVerified(
                    $"Both hosts have libvirt's driver {source.Hypervisor}; these checks know QEMU's only.",
                    advice: $"See what that driver says of migrations: virsh -c {context.SourceUri} capabilities | grep -A 5 migration_features")
            : Failed(
                $"'{context.SourceName}' has libvirt's driver {source.Hypervisor}, '{context.DestinationName}' has {destination.Hypervisor}; a " +
                    $"VM can't move from one to the other.",
                advice: $"Name a destination with the driver of '{context.SourceName}': Get-VmHost shows those of the connected hosts.",
                libvirt: $"this function is not supported by the connection driver");
        return finding
            .Seen(source.Name, "driver", source.Hypervisor)
            .Seen(destination.Name, "driver", destination.Hypervisor);
    }
}
