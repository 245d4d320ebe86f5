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
            _ when !context.IsLive => NotApplicable($"Only the definition moves, without any QEMU state."),
            ({ } here, { } there) when there < here => Warning(
                $"'{context.DestinationName}' has {source.Hypervisor} {there}, older than {here} on '{context.SourceName}'; it refuses a " +
                    $"guest state that it does not understand.",
                advice: $"Update QEMU on '{context.DestinationName}'. If you can't, use a machine type that both hosts have (see the check " +
                    $"MachineType), and try it first with an unimportant VM: if the state is refused, the guest keeps running on the source.",
                libvirt: $"load of migration failed"),
            ({ } here, { } there) when there == here => Passed($"Both hosts have {source.Hypervisor} {here}."),
            ({ } here, { } there) => Passed(
                $"'{context.DestinationName}' has {source.Hypervisor} {there}, which reads the state of {here} on '{context.SourceName}'."),
            _ => NotVerified(
                $"'{(source.HypervisorVersion is null ? context.SourceName : context.DestinationName)}' does not report its QEMU version, so QEMU on " +
                    $"the destination may be older.",
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
                $"'{context.DestinationName}' has libvirt {there}, older than {here} on '{context.SourceName}'; it refuses a " +
                    $"definition that it does not understand.",
                advice: $"Update libvirt on '{context.DestinationName}'. Until then, try it first with an unimportant VM: one whose " +
                    $"definition is refused stays on the source as it is.") : there == here ? Passed($"Both hosts have libvirt {here}.")
            : Passed(
                $"'{context.DestinationName}' has libvirt {there}, which reads what {here} on '{context.SourceName}' writes.");
        return finding.Seen(source.Name, "libvirt version", here).Seen(destination.Name, "libvirt version", there);
    }
}
