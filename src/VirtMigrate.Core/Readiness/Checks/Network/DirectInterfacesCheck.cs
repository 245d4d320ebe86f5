using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The host's interfaces that the guest is plugged into directly (macvtap) exist at the destination, by the same names.</summary>
public sealed class DirectInterfacesCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var definition = await DestinationDefinition.OfAsync(move).ConfigureAwait(false);
        string[] wanted = [.. definition.Interfaces.Where(i => i.Type is "direct").Select(i => i.Source).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0)
        {
            return NotApplicable("None");
        }

        var links = await HostLinks.OfAsync(move.Destination, move.Path.DestinationShell, cancellationToken).ConfigureAwait(false);
        string[] missing = [.. wanted.Where(w => !links.Interfaces.ContainsKey(w))];
        var finding = (missing, move.IsLive) switch
        {
            ([var first, ..], true) => Failed("Missing", Names.Join(missing), first),
            ([var first, ..], false) => Warning("MissingOffline", Names.Join(missing), first),
            _ => Passed("Present", Names.Join(wanted)),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, DestinationDefinition.Origin(move), $"interfaces {string.Join(", ", wanted)}")
            .Seen(links.From, links.What, string.Join("; ", wanted.Select(links.Describe)));
    }
}
