using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>What is at the other end of the guest's serial lines, channels and random number generators must be at the destination as well.</summary>
internal sealed class CharacterDevicesCheck : ReadinessCheck
{
    private static readonly string[] Everywhere = ["/dev/random", "/dev/urandom", "/dev/null", "/dev/zero", "/dev", "/tmp", "/run", "/var/log"];

    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject =>
        "What is at the other end of serial lines, channels and random number generators is at the destination as well.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var endpoints = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).HostEndpoints;
        var open = endpoints.Where(e => !Everywhere.Contains(e.Needed, StringComparer.Ordinal)).ToArray();
        if (!context.IsLive || endpoints.Count == 0)
        {
            return NotApplicable($"No serial line, channel or random number generator has a file of the host at its other end.");
        }

        var present = Passed($"'{context.DestinationName}' has what is at the other end: {endpoints}.");
        if (open.Length == 0)
        {
            return present.Seen(context.SourceName, "domain XML", string.Join(", ", endpoints));
        }

        var sightings = await DestinationImages.StatAsync(context, open.Select(e => e.Needed), cancellationToken).ConfigureAwait(false);
        var missing = open.Where(e => sightings[e.Needed].Presence == ImagePresence.Missing).ToArray();
        var unknown = open.Where(e => sightings[e.Needed].Presence == ImagePresence.Unknown).ToArray();
        var finding = missing.Length > 0
            ? Failed(
                $"'{context.DestinationName}' lacks what is at the other end: {missing}.",
                advice: $"Make {missing[0].Needed} on '{context.DestinationName}', or take the device out: virsh -c {context.SourceUri} edit " +
                    $"{context.VmName}",
                libvirt: $"{(missing[0].IsMade ? $"'{missing[0].Path}': " : string.Empty)}No such file or directory")
            : unknown.Length > 0
                ? NotVerified(
                    $"Whether '{context.DestinationName}' has what is at the other end can't be seen from here: {unknown}.",
                    advice: $"Look on '{context.DestinationName}' itself: ls -ld {unknown[0].Needed}. With an ssh URI this is checked for you.")
            : present;
        return sightings.Values.Aggregate(finding, (f, s) => f.Seen(context.DestinationName, s.What, s.Value));
    }
}
