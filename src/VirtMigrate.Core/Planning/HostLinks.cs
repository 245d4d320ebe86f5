using System.Globalization;
using System.Net;
using VirtMigrate.Hosts;
using VirtMigrate.Xml;

namespace VirtMigrate.Planning;

/// <summary>The network interfaces of a host, as the kernel has them where there is a shell, else as libvirt knows them.</summary>
/// <param name="From">The host's name.</param>
/// <param name="What">What was read.</param>
/// <param name="Interfaces">The interfaces by name.</param>
/// <param name="Bridges">Which of them are bridges; null where that is not told.</param>
internal sealed record HostLinks(string From, string What, IReadOnlyDictionary<string, HostInterface> Interfaces, IReadOnlySet<string>? Bridges)
{
    private const string Script = """
        for d in /sys/class/net/*; do
            [ -e "$d/mtu" ] && echo "${d##*/} $(cat "$d/mtu") $(cat "$d/speed" 2>/dev/null || echo -1) $([ -d "$d/bridge" ] && echo bridge || echo plain)"
        done
        """;

    private const long Megabit = 1_000_000;

    /// <summary>Reads them.</summary>
    /// <exception cref="HypervisorException">Neither tells.</exception>
    public static async Task<HostLinks> OfAsync(HostFacts host, CancellationToken cancellationToken)
    {
        var name = (await host.GetHostAsync().ConfigureAwait(false)).Name;
        if (host.Shell is { } shell && await shell.RunAsync(["sh", "-c", Script], cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output.Length: > 0 } result)
        {
            return Parse(name, result.Output);
        }

        var interfaces = await host.ListInterfacesAsync().ConfigureAwait(false);
        return interfaces.Count > 0
            ? new(name, "interfaces", interfaces.DistinctBy(i => i.Name, StringComparer.Ordinal).ToDictionary(i => i.Name, StringComparer.Ordinal), null)
            : throw new HypervisorException($"'{name}' lists no network interfaces.") { Host = host.Address };
    }

    /// <summary>What was seen of one interface.</summary>
    public string Describe(string name) => !Interfaces.TryGetValue(name, out var found) ? $"no {name}"
        : found.Mtu is { } mtu ? $"{name}, MTU {mtu.ToString(CultureInfo.InvariantCulture)}"
        : name;

    private static HostLinks Parse(string host, string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).Where(w => w.Length == 4).ToArray();
        return new(
            host,
            "/sys/class/net",
            lines.ToDictionary(w => w[0], w => new HostInterface(w[0], Number(w[2]) is > 0 and var speed ? speed * Megabit : null, (int?)Number(w[1])), StringComparer.Ordinal),
            lines.Where(w => w[3] is "bridge").Select(w => w[0]).ToHashSet(StringComparer.Ordinal));
    }

    // A link that is down or virtual has the speed -1, or so much as an unsigned number.
    private static long? Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number < int.MaxValue ? number : null;
}

/// <summary>How fast data can get from the source to the destination, by what the hosts' links are made for.</summary>
/// <param name="BytesPerSecond">The slower link's speed; null where a host does not tell.</param>
/// <param name="Evidence">What was read, by host.</param>
internal sealed record MigrationLink(long? BytesPerSecond, IReadOnlyList<(string Host, string What, string Value)> Evidence)
{
    /// <summary>What one connection carries, in bytes per second: its thread is one processor's work.</summary>
    public const double BytesPerConnection = 10e9 / 8;

    private const int BitsPerByte = 8;

    /// <summary>How many connections fill a rate: one for every 10 Gbit/s.</summary>
    public static long ConnectionsFor(double bytesPerSecond) => Math.Max(1, (long)Math.Ceiling(bytesPerSecond / BytesPerConnection));

    /// <summary>Finds it out.</summary>
    public static async Task<MigrationLink> OfAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        var target = await TargetAsync(context, route, cancellationToken).ConfigureAwait(false);
        var from = await SpeedAsync(context.Source, target, cancellationToken).ConfigureAwait(false);
        var to = await SpeedAsync(context.Destination, null, cancellationToken).ConfigureAwait(false);
        return new(from.Speed is { } a && to.Speed is { } b ? Math.Min(a, b) / BitsPerByte : null, [.. from.Evidence, .. to.Evidence]);
    }

    private static async Task<string?> TargetAsync(CheckContext context, MigrationRoute route, CancellationToken cancellationToken) =>
        context.Source.Probe is { } source && route.Host.Length > 0
            && await source.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) is [IPAddress first, ..]
            ? first.ToString()
            : null;

    // The link that the way to the destination begins with, where the source tells; else the fastest one, since which one it is can't be seen.
    private static async Task<(long? Speed, IReadOnlyList<(string Host, string What, string Value)> Evidence)> SpeedAsync(
        HostFacts host, string? target, CancellationToken cancellationToken)
    {
        try
        {
            var links = await HostLinks.OfAsync(host, cancellationToken).ConfigureAwait(false);
            if (host.Shell is { } shell && target is not null
                && await shell.RunAsync(["ip", "-o", "route", "get", target], cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output: var said }
                && said.Split(' ') is var words && Array.IndexOf(words, "dev") is >= 0 and var at && at + 1 < words.Length
                && links.Interfaces.GetValueOrDefault(words[at + 1]) is { LinkSpeed: { } known } link)
            {
                return (known, [(links.From, $"link speed of {link.Name}, which leads to the destination", Describe(known))]);
            }

            var fastest = links.Interfaces.Values.Where(i => i.LinkSpeed > 0 && i.Name is not "lo").MaxBy(i => i.LinkSpeed);
            return (fastest?.LinkSpeed, [(links.From, "link speed", fastest is { LinkSpeed: { } speed } ? $"{fastest.Name}, the fastest: {Describe(speed)}" : "none reported")]);
        }
        catch (HypervisorException e)
        {
            return (null, [(host.Address.HostName, "link speed", e.Message)]);
        }
    }

    private static string Describe(long bits) => FormattableString.Invariant($"{bits / 1e9:0.###} Gbit/s");
}
