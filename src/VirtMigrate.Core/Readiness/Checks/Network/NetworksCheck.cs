using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Checks;

/// <summary>The virtual networks that the guest is attached to exist at the destination, and are started.</summary>
public sealed class NetworksCheck : ReadinessCheck
{
    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Network;

    /// <inheritdoc/>
    public override bool CanChange => true;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var definition = await DestinationDefinition.OfAsync(move).ConfigureAwait(false);
        string[] wanted = [.. definition.Interfaces.Where(i => i.Type is "network").Select(i => i.Source).OfType<string>().Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0)
        {
            return NotApplicable("None");
        }

        var networks = await move.Destination.ListNetworksAsync().ConfigureAwait(false);
        string[] missing = [.. wanted.Where(w => !networks.Any(n => string.Equals(n.Name, w, StringComparison.Ordinal)))];
        string[] stopped = [.. wanted.Except(missing, StringComparer.Ordinal).Where(w => !networks.Any(n => n.IsActive && string.Equals(n.Name, w, StringComparison.Ordinal)))];
        var finding = (missing, stopped, move.IsLive) switch
        {
            ([var first, ..], _, true) => Failed("Missing", Names.Join(missing), first),
            ([var first, ..], _, false) => Warning("MissingOffline", Names.Join(missing), first),
            (_, [var first, ..], true) => Failed("Inactive", Names.Join(stopped), first),
            (_, [var first, ..], false) => Warning("InactiveOffline", Names.Join(stopped), first),
            _ => Passed("Present", Names.Join(wanted)),
        };
        return finding
            .Seen(move.Vm.Vm.VmHost.Name, DestinationDefinition.Origin(move), $"networks {string.Join(", ", wanted)}")
            .Seen(move.DestinationName, "networks", networks.Count == 0 ? null : string.Join(", ", networks.Select(n => n.IsActive ? n.Name : $"{n.Name} (inactive)")));
    }
}
