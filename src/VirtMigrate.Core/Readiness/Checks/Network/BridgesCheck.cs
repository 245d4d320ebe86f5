using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

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
