using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

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
