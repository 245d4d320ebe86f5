using VirtMigrate.Hypervisor.Inspection;
using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>
/// What the guest is plugged into takes frames as large at the destination as at the source. Libvirt moves a guest whose frames are then
/// lost; it refuses only a definition for the destination that tells the guest another size (-DestinationXml).
/// </summary>
public sealed class NetworkMtuCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override bool IsQuick => false;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var before = (await move.Vm.GetDefinitionAsync().ConfigureAwait(false)).Interfaces;
        var after = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Interfaces;
        var changed = before.Zip(after).FirstOrDefault(p => p.First.Mtu != p.Second.Mtu);
        if (move.IsLive && changed is { First: not null })
        {
            return Failed("Changed", changed.Second.Mtu ?? 0, changed.First.Mtu ?? 0)
                .Seen(move.Vm.Vm.VmHost.Name, "domain XML", $"mtu {changed.First.Mtu ?? 0}").Seen("this computer", "-DestinationXml", $"mtu {changed.Second.Mtu ?? 0}");
        }

        if (!after.Any(i => i.Type is "network" or "bridge" or "direct"))
        {
            return NotApplicable("None");
        }

        var here = await HostLinks.OfAsync(move.Source, move.Path.SourceShell, cancellationToken).ConfigureAwait(false);
        var there = await HostLinks.OfAsync(move.Destination, move.Path.DestinationShell, cancellationToken).ConfigureAwait(false);
        var pairs = new List<(string From, string To, int? Before, int? After)>();
        foreach (var (old, next) in before.Zip(after))
        {
            if (await LinkAsync(old, move.Source).ConfigureAwait(false) is { } from && await LinkAsync(next, move.Destination).ConfigureAwait(false) is { } to)
            {
                pairs.Add((from, to, old.Mtu ?? here.Interfaces.GetValueOrDefault(from)?.Mtu, there.Interfaces.GetValueOrDefault(to)?.Mtu));
            }
        }

        var finding = pairs.Find(p => p.After < p.Before) is { From: not null } smaller
            ? Warning("Smaller", smaller.To, smaller.After, smaller.Before)
            : pairs.Count == 0 || pairs.Exists(p => p.Before is null || p.After is null) ? NotVerified("Untold")
            : Passed("Fits", string.Join(", ", pairs.Select(p => $"{p.To} {p.After}")));
        return finding
            .Seen(here.From, here.What, string.Join("; ", pairs.Select(p => here.Describe(p.From))))
            .Seen(there.From, there.What, string.Join("; ", pairs.Select(p => there.Describe(p.To))));
    }

    private static async Task<string?> LinkAsync(GuestInterface card, HostFacts host) => card.Type is not "network"
        ? card.Source
        : (await host.ListNetworksAsync().ConfigureAwait(false)).FirstOrDefault(n => string.Equals(n.Name, card.Source, StringComparison.Ordinal))?.Bridge;
}
