using VirtMigrate.Planning;

namespace VirtMigrate.Readiness;

/// <summary>What is at the other end of the guest's serial lines, channels and random number generators must be at the destination as well.</summary>
internal sealed class CharacterDevicesCheck : ReadinessCheck
{
    private static readonly string[] Everywhere = ["/dev/random", "/dev/urandom", "/dev/null", "/dev/zero", "/dev", "/tmp", "/run", "/var/log"];

    public override ReadinessCategory Category => ReadinessCategory.Devices;
    public override string Subject =>
        "The destination has the host files and devices behind the guest's serial ports, channels and random number generators.";

    public override async Task<Finding> CheckAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var endpoints = (await context.GetArrivingDefinitionAsync().ConfigureAwait(false)).HostEndpoints;
        var open = endpoints.Where(e => !Everywhere.Contains(e.Needed, StringComparer.Ordinal)).ToArray();
        if (!context.IsLive || endpoints.Count == 0)
        {
            return NotApplicable($"No serial port, channel or random number generator uses a file or device of the host.");
        }

        var present = Passed($"'{context.DestinationName}' has what serial ports, channels and RNG devices use: {endpoints}.");
        if (open.Length == 0)
        {
            return present.Seen(context.SourceName, "domain XML", string.Join(", ", endpoints));
        }

        var sightings = await DestinationImages.StatAsync(context, open.Select(e => e.Needed), cancellationToken).ConfigureAwait(false);
        var missing = open.Where(e => sightings[e.Needed].Presence == ImagePresence.Missing).ToArray();
        var unknown = open.Where(e => sightings[e.Needed].Presence == ImagePresence.Unknown).ToArray();
        var finding = missing.Length > 0
            ? Failed(
                $"'{context.DestinationName}' lacks what a serial port, channel or RNG device uses: {missing}.",
                advice: $"Create {missing[0].Needed} on '{context.DestinationName}', or remove the device from the VM: virsh -c {context.SourceUri} edit " +
                    $"{context.VmName}",
                libvirt: $"{(missing[0].IsMade ? $"'{missing[0].Path}': " : string.Empty)}No such file or directory")
            : unknown.Length > 0
                ? NotVerified(
                    $"Can't tell from here whether '{context.DestinationName}' has what serial ports, channels and RNG devices use: {unknown}.",
                    advice: $"Check on '{context.DestinationName}' itself: ls -ld {unknown[0].Needed}. Or connect to it over qemu+ssh, and this " +
                        $"check looks there.")
            : present;
        return sightings.Values.Aggregate(finding, (f, s) => f.Seen(context.DestinationName, s.What, s.Value));
    }
}
