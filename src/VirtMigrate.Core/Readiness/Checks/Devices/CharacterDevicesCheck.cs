using VirtMigrate.Model;
using VirtMigrate.Readiness.Facts;
using VirtMigrate.Readiness.Storage;

namespace VirtMigrate.Readiness.Checks;

/// <summary>What is at the other end of the guest's serial lines, channels and random number generators must be at the destination as well.</summary>
public sealed class CharacterDevicesCheck : ReadinessCheck
{
    private static readonly string[] Everywhere = ["/dev/random", "/dev/urandom", "/dev/null", "/dev/zero", "/dev", "/tmp", "/run", "/var/log"];

    /// <inheritdoc/>
    public override ReadinessCategory Category => ReadinessCategory.Devices;

    /// <inheritdoc/>
    public override async Task<ReadinessFinding> CheckAsync(ReadinessMove move, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(move);
        var endpoints = (await DestinationDefinition.OfAsync(move).ConfigureAwait(false)).HostEndpoints;
        var open = endpoints.Where(e => !Everywhere.Contains(e.Needed, StringComparer.Ordinal)).ToArray();
        if (!move.IsLive || endpoints.Count == 0)
        {
            return NotApplicable("None");
        }

        if (open.Length == 0)
        {
            return Passed("Present", string.Join(", ", endpoints)).Seen(move.Vm.Vm.VmHost.Name, "domain XML", string.Join(", ", endpoints));
        }

        var sightings = await DestinationImages.StatAsync(move, open.Select(e => e.Needed), cancellationToken).ConfigureAwait(false);
        var missing = open.Where(e => sightings[e.Needed].Presence == ImagePresence.Missing).ToArray();
        var unknown = open.Where(e => sightings[e.Needed].Presence == ImagePresence.Unknown).ToArray();
        var finding = missing.Length > 0 ? Failed("Missing", string.Join(", ", missing.AsEnumerable()), missing[0].Needed,
                missing[0].IsMade ? $"'{missing[0].Path}': No such file or directory" : "No such file or directory")
            : unknown.Length > 0 ? NotVerified("Unknown", string.Join(", ", unknown.AsEnumerable()), unknown[0].Needed)
            : Passed("Present", string.Join(", ", endpoints));
        return sightings.Values.Aggregate(finding, (f, s) => f.Seen(move.DestinationName, s.What, s.Value));
    }
}
