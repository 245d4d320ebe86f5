using System.Xml.Linq;

namespace VirtMigrate.Hypervisor.Inspection;

/// <summary>Which guests a host can run.</summary>
public sealed partial class HostCapabilities
{
    /// <summary>What the host offers to guests of each architecture.</summary>
    public IReadOnlyList<GuestSupport> Guests =>
    [
        .. _root.Elements("guest").Elements("arch")
            .GroupBy(a => (string?)a.Attribute("name") ?? string.Empty, StringComparer.Ordinal)
            .Select(a => new GuestSupport(
                a.Key,
                [.. a.Descendants("emulator").Select(e => e.Value).Distinct(StringComparer.Ordinal)],
                a.Descendants("machine").SelectMany(Names).ToHashSet(StringComparer.Ordinal),
                a.Elements("domain").Select(d => (string?)d.Attribute("type")).OfType<string>().ToHashSet(StringComparer.Ordinal))),
    ];

    /// <summary>What the host offers to guests of one architecture.</summary>
    /// <param name="architecture">The architecture.</param>
    /// <returns>The offer; null where there is none.</returns>
    public GuestSupport? FindGuest(string architecture) =>
        Guests.FirstOrDefault(g => string.Equals(g.Architecture, architecture, StringComparison.Ordinal));

    // A name such as q35 carries the one that it stands for.
    private static IEnumerable<string> Names(XElement machine) =>
        (string?)machine.Attribute("canonical") is { } canonical ? [machine.Value, canonical] : [machine.Value];
}
