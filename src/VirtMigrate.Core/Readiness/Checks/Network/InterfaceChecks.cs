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

/// <summary>The bridges that the guest is plugged into exist at the destination: those it names itself, and those of its virtual networks.</summary>
internal sealed class BridgesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject =>
        "The bridges that the guest is connected to exist at the destination: those in its definition, and those of its virtual networks.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var cards = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Interfaces;
        var wanted = cards.Where(c => c is { Type: "bridge", Source: not null }).Select(c => (Name: c.Source!, IsPlain: c.VirtualPort is null)).ToList();
        if (cards.Any(c => c.Type is "network"))
        {
            var networks = await context.Destination.ListNetworksAsync().ConfigureAwait(false);
            wanted.AddRange(networks.Where(n => n is { IsActive: true, Bridge: not null } && cards.Any(c => c.Type is "network" && string.Equals(c.Source, n.Name, StringComparison.Ordinal)))
                .Select(n => (n.Bridge!, false)));
        }

        if (wanted.Count == 0)
        {
            return NotApplicable($"The guest is not connected to any bridge.");
        }

        var links = await HostLinks.OfAsync(context.Destination, cancellationToken).ConfigureAwait(false);
        string[] names = [.. wanted.Select(w => w.Name).Distinct(StringComparer.Ordinal)];
        string[] missing = [.. names.Where(n => !links.Interfaces.ContainsKey(n))];
        string[] others = [.. wanted.Where(w => w.IsPlain && links.Interfaces.ContainsKey(w.Name) && links.Bridges?.Contains(w.Name) == false).Select(w => w.Name)];
        var finding = (missing, others, context.IsLive) switch
        {
            ([var first, ..], _, true) => Failed(
                $"{context.DestinationName} has no bridge {Quote(missing)}.",
                advice: $"Create it there as on the source, for example: ip link add {first} type bridge && ip link set {first} up (and in " +
                    $"the host's network configuration, to make it permanent). To see which exist: ip link show type bridge",
                libvirt: $"Cannot get interface MTU on '{first}'"),
            ([var first, ..], _, false) => Warning(
                $"{context.DestinationName} has no bridge {Quote(missing)}. The definition can move, but the VM can't start there.",
                advice: $"Create it there as on the source, for example: ip link add {first} type bridge && ip link set {first} up (and in " +
                    $"the host's network configuration, to make it permanent). To see which exist: ip link show type bridge"),
            (_, [var first, ..], true) => Failed(
                $"{Quote(others)} on {context.DestinationName} is an interface, not a bridge.",
                advice: $"To see what it is: ip -details link show {first}. Give the bridge the name in the VM's definition, or migrate with a " +
                    $"definition that has another one (-DestinationXml).",
                libvirt: $"Unable to add bridge {first}"),
            (_, [var first, ..], false) => Warning(
                $"{Quote(others)} on {context.DestinationName} is an interface, not a bridge. The definition can move, but the VM " +
                    $"can't start there.",
                advice: $"To see what it is: ip -details link show {first}. Give the bridge the name in the VM's definition, or migrate with a " +
                    $"definition that has another one (-DestinationXml)."),
            _ => Passed($"{context.DestinationName} has {Quote(names)}."),
        };
        return finding
            .Seen(context.SourceName, context.DefinitionOrigin, $"bridges {string.Join(", ", names)}")
            .Seen(links.From, links.What, string.Join("; ", names.Select(links.Describe)));
    }
}

/// <summary>The host's interfaces that the guest is plugged into directly (macvtap) exist at the destination, by the same names.</summary>
internal sealed class DirectInterfacesCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject =>
        "The host interfaces that the guest is connected to directly (macvtap) exist at the destination, with the same names.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var definition = await context.GetArrivingDefinitionAsync().ConfigureAwait(false);
        string[] wanted = [.. definition.Interfaces.Where(i => i.Type is "direct").Select(i => i.Source).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0)
        {
            return NotApplicable($"The guest is not directly connected to any host interface (macvtap).");
        }

        var links = await HostLinks.OfAsync(context.Destination, cancellationToken).ConfigureAwait(false);
        string[] missing = [.. wanted.Where(w => !links.Interfaces.ContainsKey(w))];
        var finding = (missing, context.IsLive) switch
        {
            ([var first, ..], true) => Failed(
                $"{context.DestinationName} has no interface {Quote(missing)}.",
                advice: $"To see which exist there: ip -brief link. Give the interface this name there, or migrate with a definition that has another " +
                    $"one (-DestinationXml).",
                libvirt: $"Unable to get index for interface {first}"),
            ([var first, ..], false) => Warning(
                $"{context.DestinationName} has no interface {Quote(missing)}. The definition can move, but the VM can't start there.",
                advice: $"To see which exist there: ip -brief link. Give the interface this name there, or migrate with a definition that has another " +
                    $"one (-DestinationXml)."),
            _ => Passed($"{context.DestinationName} has {Quote(wanted)}."),
        };
        return finding
            .Seen(context.SourceName, context.DefinitionOrigin, $"interfaces {string.Join(", ", wanted)}")
            .Seen(links.From, links.What, string.Join("; ", wanted.Select(links.Describe)));
    }
}
