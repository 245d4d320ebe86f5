using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The bridges that the guest is plugged into exist at the destination: those it names itself, and those of its virtual networks.</summary>
public sealed class BridgesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var cards = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).Interfaces;
        var wanted = cards.Where(c => c is { Type: "bridge", Source: not null }).Select(c => (Name: c.Source!, IsPlain: c.VirtualPort is null)).ToList();
        if (cards.Any(c => c.Type is "network"))
        {
            var networks = await move.Destination.ListNetworksAsync().ConfigureAwait(false);
            wanted.AddRange(networks.Where(n => n is { IsActive: true, Bridge: not null } && cards.Any(c => c.Type is "network" && string.Equals(c.Source, n.Name, StringComparison.Ordinal)))
                .Select(n => (n.Bridge!, false)));
        }

        if (wanted.Count == 0)
        {
            return NotApplicable("None");
        }

        var links = await HostLinks.OfAsync(move.Destination, move.Path.DestinationShell, cancellationToken).ConfigureAwait(false);
        string[] names = [.. wanted.Select(w => w.Name).Distinct(StringComparer.Ordinal)];
        string[] missing = [.. names.Where(n => !links.Interfaces.ContainsKey(n))];
        string[] others = [.. wanted.Where(w => w.IsPlain && links.Interfaces.ContainsKey(w.Name) && links.Bridges?.Contains(w.Name) == false).Select(w => w.Name)];
        var finding = (missing, others, move.IsLive) switch
        {
            ([var first, ..], _, true) => Failed("Missing", Names.Join(missing), first),
            ([var first, ..], _, false) => Warning("MissingOffline", Names.Join(missing), first),
            (_, [var first, ..], true) => Failed("NoBridge", Names.Join(others), first),
            (_, [var first, ..], false) => Warning("NoBridgeOffline", Names.Join(others), first),
            _ => Passed("Present", Names.Join(names)),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, DestinationDefinition.Origin(move), $"bridges {string.Join(", ", names)}")
            .Seen(links.From, links.What, string.Join("; ", names.Select(links.Describe)));
    }
}
