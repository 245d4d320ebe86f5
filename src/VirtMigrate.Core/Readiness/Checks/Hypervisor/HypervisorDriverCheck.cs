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
                    $"Both hosts have libvirt's driver {source.Hypervisor}; these checks are made for QEMU's.",
                    advice: $"To see what that driver supports: virsh -c {context.SourceUri} capabilities | grep -A 5 migration_features")
            : Failed(
                $"'{context.SourceName}' has libvirt's driver {source.Hypervisor}, '{context.DestinationName}' has {destination.Hypervisor}; a " +
                    $"VM can't move from one to the other.",
                advice: $"Choose a destination with the driver of '{context.SourceName}'. To see those of the connected hosts: Get-VmHost",
                libvirt: $"this function is not supported by the connection driver");
        return finding
            .Seen(source.Name, "driver", source.Hypervisor)
            .Seen(destination.Name, "driver", destination.Hypervisor);
    }
}
