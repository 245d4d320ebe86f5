using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>The virtual networks that the guest is attached to exist at the destination, and are started.</summary>
internal sealed class NetworksCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject => "The virtual networks that the guest is attached to exist at the destination and are active.";
    public override bool CanChange => true;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        string[] wanted = [.. definition.Interfaces.Where(i => i.Type is "network").Select(i => i.Source).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0)
        {
            return NotApplicable($"The guest is not attached to any virtual network.");
        }

        var networks = await context.Destination.ListNetworksAsync().ConfigureAwait(false);
        string[] missing = [.. wanted.Where(w => !networks.Any(n => string.Equals(n.Name, w, StringComparison.Ordinal)))];
        string[] stopped = [.. wanted.Except(missing, StringComparer.Ordinal).Where(w => !networks.Any(n => n.IsActive && string.Equals(n.Name, w, StringComparison.Ordinal)))];
        var finding = (missing, stopped, context.IsLive) switch
        {
            ([var first, ..], _, true) => Failed(
                $"{context.DestinationName} has no virtual network {Quote(missing)}.",
                advice: $"Define it there as on the source: virsh -c {context.SourceUri} net-dumpxml {first} > net.xml && virsh -c " +
                    $"{context.DestinationUri} net-define net.xml && virsh -c {context.DestinationUri} net-start {first}",
                libvirt: $"no network with matching name '{first}'"),
            ([var first, ..], _, false) => Warning(
                $"{context.DestinationName} has no virtual network {Quote(missing)}. The definition can move, but the VM can't start there.",
                advice: $"Define it there as on the source: virsh -c {context.SourceUri} net-dumpxml {first} > net.xml && virsh -c " +
                    $"{context.DestinationUri} net-define net.xml && virsh -c {context.DestinationUri} net-start {first}"),
            (_, [var first, ..], true) => Failed(
                $"The virtual network {Quote(stopped)} is not active on {context.DestinationName}.",
                advice: $"Start it: virsh -c {context.DestinationUri} net-start {first} && virsh -c {context.DestinationUri} net-autostart {first}",
                libvirt: $"network '{first}' is not active"),
            (_, [var first, ..], false) => Warning(
                $"The virtual network {Quote(stopped)} is not active on {context.DestinationName}. The definition can move, but the VM can't " +
                    $"start there.",
                advice: $"Start it: virsh -c {context.DestinationUri} net-start {first} && virsh -c {context.DestinationUri} net-autostart {first}"),
            _ => Passed($"{context.DestinationName} has {Quote(wanted)}, and they are active."),
        };
        return finding
            .Seen(context.SourceName, context.DefinitionOrigin, $"networks {string.Join(", ", wanted)}")
            .Seen(context.DestinationName, "networks", networks.Count == 0 ? null : string.Join(", ", networks.Select(n => n.IsActive ? n.Name : $"{n.Name} (inactive)")));
    }
}
