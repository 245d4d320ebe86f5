using System.Net;
using VirtMigrate.Hypervisor;
using VirtMigrate.Readiness.Probing;

namespace VirtMigrate.Readiness.Facts;

/// <summary>How fast data can get from the source to the destination, by what the hosts' links are made for.</summary>
/// <param name="BytesPerSecond">The slower link's speed; null where a host does not tell.</param>
/// <param name="Evidence">What was read, by host.</param>
internal sealed record MigrationLink(long? BytesPerSecond, IReadOnlyList<(string Host, string What, string Value)> Evidence)
{
    /// <summary>What one connection carries, in bytes per second: its thread is one processor's work.</summary>
    public const double BytesPerConnection = 10e9 / 8;

    private const int BitsPerByte = 8;

    /// <summary>How many connections fill a rate: one for every 10 Gbit/s.</summary>
    /// <param name="bytesPerSecond">The rate.</param>
    /// <returns>The number, at least 1.</returns>
    public static long ConnectionsFor(double bytesPerSecond) => Math.Max(1, (long)Math.Ceiling(bytesPerSecond / BytesPerConnection));

    /// <summary>Finds it out.</summary>
    /// <param name="context">The migration.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The speed.</returns>
    public static async Task<MigrationLink> OfAsync(CheckContext context, CancellationToken cancellationToken)
    {
        var route = await MigrationRoute.OfAsync(context, cancellationToken).ConfigureAwait(false);
        var from = await SpeedAsync(context.Source, context.Path.SourceShell, ["ip", "-o", "route", "get", await TargetAsync(context, route, cancellationToken).ConfigureAwait(false)], cancellationToken).ConfigureAwait(false);
        var to = await SpeedAsync(context.Destination, context.Path.DestinationShell, null, cancellationToken).ConfigureAwait(false);
        return new(from.Speed is { } a && to.Speed is { } b ? Math.Min(a, b) / BitsPerByte : null, [.. from.Evidence, .. to.Evidence]);
    }

    private static async Task<string> TargetAsync(CheckContext context, MigrationRoute route, CancellationToken cancellationToken) =>
        context.Path.Source is { } source && route.Host.Length > 0
            && await source.ResolveAsync(route.Host, cancellationToken).ConfigureAwait(false) is [IPAddress first, ..]
            ? first.ToString()
            : string.Empty;

    // The link that the way to the destination begins with, where the source tells; else the fastest one, since which one it is can't be seen.
    private static async Task<(long? Speed, IReadOnlyList<(string Host, string What, string Value)> Evidence)> SpeedAsync(
        HostFacts host, IHostShell? shell, string[]? route, CancellationToken cancellationToken)
    {
        try
        {
            var links = await HostLinks.OfAsync(host, shell, cancellationToken).ConfigureAwait(false);
            if (shell is not null && route is [.., { Length: > 0 }]
                && await shell.RunAsync(route, cancellationToken).ConfigureAwait(false) is { ExitCode: 0, Output: var said }
                && said.Split(' ') is var words && Array.IndexOf(words, "dev") is >= 0 and var at && at + 1 < words.Length
                && links.Interfaces.GetValueOrDefault(words[at + 1]) is { LinkSpeed: { } known } link)
            {
                return (known, [(links.From, $"link speed of {link.Name}, which leads to the destination", Describe(known))]);
            }

            var fastest = links.Interfaces.Values.Where(i => i.LinkSpeed > 0 && i.Name is not "lo").MaxBy(i => i.LinkSpeed);
            return (fastest?.LinkSpeed, [(links.From, "link speed", fastest is { LinkSpeed: { } speed } ? $"{fastest.Name}, the fastest: {Describe(speed)}" : "none told")]);
        }
        catch (HypervisorException e)
        {
            return (null, [(host.Address.HostName, "link speed", e.Message)]);
        }
    }

    private static string Describe(long bits) => FormattableString.Invariant($"{bits / 1e9:0.###} Gbit/s");
}
