using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>A guest's state can be read by the same QEMU and by later ones; by an earlier one only where nothing new is in it.</summary>
internal sealed class HypervisorVersionCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;
    public override string Subject => "The destination's QEMU is no older than the source's.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var source = await context.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var finding = (source.HypervisorVersion, destination.HypervisorVersion) switch
        {
            _ when !context.IsLive => NotApplicable($"Only the definition moves; no QEMU reads another's state."),
            ({ } here, { } there) when there < here => Warning(
                $"'{context.DestinationName}' has {source.Hypervisor} {there}, older than {here} on '{context.SourceName}'; it refuses the " +
                    $"guest's state where that has something that it does not know.",
                advice: $"Update QEMU on '{context.DestinationName}'. Where that can't be, keep the VM to a machine type that both have (the " +
                    $"check MachineType says so), and try it with a VM that may fail: the guest then goes on at the source.",
                libvirt: $"load of migration failed"),
            ({ } here, { } there) when there == here => Passed($"Both hosts have {source.Hypervisor} {here}."),
            ({ } here, { } there) => Passed(
                $"'{context.DestinationName}' has {source.Hypervisor} {there}, which reads the state of {here} on '{context.SourceName}'."),
            _ => NotVerified(
                $"A host does not tell its QEMU's version, so that an older one at the destination can't be ruled out.",
                advice: $"Compare them on the hosts themselves: virsh -c {context.SourceUri} version; virsh -c {context.DestinationUri} version"),
        };
        return finding
            .Seen(source.Name, $"{source.Hypervisor} version", source.HypervisorVersion)
            .Seen(destination.Name, $"{destination.Hypervisor} version", destination.HypervisorVersion);
    }
}

/// <summary>A definition can be read by the same libvirt and by later ones; an earlier one may not know all that is in it.</summary>
internal sealed class LibvirtVersionCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Hypervisor;
    public override string Subject => "The destination's libvirt is no older than the source's.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var source = await context.Source.GetHostAsync().ConfigureAwait(false);
        var destination = await context.Destination.GetHostAsync().ConfigureAwait(false);
        var (here, there) = (source.LibvirtVersion, destination.LibvirtVersion);
        var finding = there < here
            ? Warning(
                $"'{context.DestinationName}' has libvirt {there}, older than {here} on '{context.SourceName}'; it refuses a definition where " +
                    $"that has something that it does not know.",
                advice: $"Update libvirt on '{context.DestinationName}'. Until then, try it with a VM that may fail: nothing happens to a guest " +
                    $"whose definition is refused.") : there == here ? Passed($"Both hosts have libvirt {here}.")
            : Passed(
                $"'{context.DestinationName}' has libvirt {there}, which reads what {here} on '{context.SourceName}' writes.");
        return finding.Seen(source.Name, "libvirt version", here).Seen(destination.Name, "libvirt version", there);
    }
}
