using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Xml;

namespace VirtMigrate.Readiness;

/// <summary>
/// What the guest is plugged into has no smaller MTU at the destination than at the source. Libvirt moves a guest whose frames are then
/// lost; it refuses only a definition for the destination that tells the guest another size (-DestinationXml).
/// </summary>
internal sealed class NetworkMtuCheck : ReadinessCheck
{
    public override ReadinessCategory Category => ReadinessCategory.Network;
    public override string Subject => "The guest's bridges and interfaces have no smaller MTU at the destination than at the source.";
    public override bool IsQuick => false;

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var before = (await context.Vm.GetDefinitionAsync().ConfigureAwait(false)).Interfaces;
        var after = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).Interfaces;
        var changed = before.Zip(after).FirstOrDefault(p => p.First.Mtu != p.Second.Mtu);
        if (context.IsLive && changed is { First: not null })
        {
            return Failed(
                $"-DestinationXml gives the guest an MTU of {changed.Second.Mtu ?? 0} bytes; it now has {changed.First.Mtu ?? 0} (0: not " +
                    $"set).",
                advice: $"Leave <mtu> in -DestinationXml as it is in the VM's own definition: virsh -c {context.SourceUri} dumpxml " +
                    $"{context.VmName}",
                libvirt: $"Target network card MTU {changed.Second.Mtu ?? 0} does not match source {changed.First.Mtu ?? 0}")
                .Seen(context.SourceName, "domain XML", $"mtu {changed.First.Mtu ?? 0}").Seen("this computer", "-DestinationXml", $"mtu {changed.Second.Mtu ?? 0}");
        }

        if (!after.Any(i => i.Type is "network" or "bridge" or "direct"))
        {
            return NotApplicable($"The guest is not connected to any network, bridge or interface of the host.");
        }

        var here = await HostLinks.OfAsync(context.Source, cancellationToken).ConfigureAwait(false);
        var there = await HostLinks.OfAsync(context.Destination, cancellationToken).ConfigureAwait(false);
        var pairs = new List<(string From, string To, int? Before, int? After)>();
        foreach (var (old, next) in before.Zip(after))
        {
            if (await LinkAsync(old, context.Source).ConfigureAwait(false) is { } from && await LinkAsync(next, context.Destination).ConfigureAwait(false) is { } to)
            {
                pairs.Add((from, to, old.Mtu ?? here.Interfaces.GetValueOrDefault(from)?.Mtu, there.Interfaces.GetValueOrDefault(to)?.Mtu));
            }
        }

        var finding = pairs.Find(p => p.After < p.Before) is { From: not null } smaller
            ? Warning(
                $"'{smaller.To}' on {context.DestinationName} has an MTU of {smaller.After} bytes, on the source {smaller.Before}: larger " +
                    $"packets will be dropped.",
                advice: $"Raise it on {context.DestinationName}, and that of the interfaces behind it: ip link set {smaller.To} mtu {smaller.Before}")
            : pairs.Count == 0 || pairs.Exists(p => p.Before is null || p.After is null)
                ? NotVerified(
                    $"The MTUs can't be compared: not both hosts report them.",
                    advice: $"Compare them on both hosts: ip link show")
            : Passed($"The MTUs on {context.DestinationName} are no smaller than on the source: {pairs.Select(p => $"{p.To} {p.After}")}.");
        return finding
            .Seen(here.From, here.What, string.Join("; ", pairs.Select(p => here.Describe(p.From))))
            .Seen(there.From, there.What, string.Join("; ", pairs.Select(p => there.Describe(p.To))));
    }

    private static async Task<string?> LinkAsync(GuestInterface card, HostFacts host) => card.Type is not "network"
        ? card.Source
        : (await host.ListNetworksAsync().ConfigureAwait(false)).FirstOrDefault(n => string.Equals(n.Name, card.Source, StringComparison.Ordinal))?.Bridge;
}
