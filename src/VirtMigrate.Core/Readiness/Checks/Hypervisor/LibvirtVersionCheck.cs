using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

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
