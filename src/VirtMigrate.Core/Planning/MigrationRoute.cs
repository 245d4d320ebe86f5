using System.Globalization;
using VirtMigrate.Hosts;
using VirtMigrate.Options;

namespace VirtMigrate.Planning;

/// <summary>Where the source's QEMU sends memory to, by the options and by what the destination would answer (qemuMigrationDstPrepareDirect).</summary>
/// <param name="Kind">The kind of way.</param>
internal sealed record MigrationRoute(MigrationRouteKind Kind)
{
    /// <summary>The destination's name or address; empty where memory does not go over the network to it.</summary>
    public string Host { get; init; } = string.Empty;

    /// <summary>The port that was asked for; null where libvirt takes the first free one of its range.</summary>
    public int? Port { get; init; }

    /// <summary>The first port of libvirt's range.</summary>
    public int FirstPort { get; init; }

    /// <summary>The last port of libvirt's range.</summary>
    public int LastPort { get; init; }

    /// <summary>Who says so: <c>-MigrateUri</c>, the destination's <c>qemu.conf</c>, or the destination's host name.</summary>
    public string Origin { get; init; } = string.Empty;

    /// <summary>The address that was asked for; empty where none was.</summary>
    public string Uri { get; init; } = string.Empty;

    /// <summary>Libvirt's or, over several connections, QEMU's words for a connection that does not come about.</summary>
    public string ConnectError { get; init; } = string.Empty;

    /// <summary>Why nothing goes from QEMU to QEMU over TCP; null where it does.</summary>
    public string? Elsewhere => Kind switch
    {
        MigrationRouteKind.Network => null,
        MigrationRouteKind.None => "only the definition moves",
        MigrationRouteKind.Tunnelled => $"memory goes through the connection between the two daemons (-{MigrationOptions.Tunnelled.Name})",
        _ => $"memory goes to {Uri}",
    };

    /// <summary>Finds the way.</summary>
    public static async Task<MigrationRoute> OfAsync(CheckContext context, CancellationToken cancellationToken)
    {
        if (!context.IsLive)
        {
            return new(MigrationRouteKind.None);
        }

        if (context.Options.Has(MigrationOptions.Tunnelled))
        {
            return new(MigrationRouteKind.Tunnelled);
        }

        var settings = await QemuSettings.ReadAsync(context.Destination, cancellationToken).ConfigureAwait(false);
        var route = context.Options.Text(MigrationOptions.MigrateUri) is { Length: > 0 } uri
            ? Parse(uri) with { Origin = "-MigrateUri", Uri = uri }
            : settings?.MigrationHost is { } host
                ? new MigrationRoute(MigrationRouteKind.Network) { Host = host.Trim('[', ']'), Origin = "migration_host in qemu.conf" }
                : new MigrationRoute(MigrationRouteKind.Network) { Host = await NameAsync(context).ConfigureAwait(false), Origin = "host name" };
        settings ??= QemuSettings.Default;
        return route with
        {
            FirstPort = settings.FirstPort,
            LastPort = settings.LastPort,
            ConnectError = context.Options.Has(MigrationOptions.Parallel) ? "Failed to connect to '" : $"unable to connect to server at '{route.Host}:",
        };
    }

    /// <summary>Reads the address of a migration as libvirt does, in its old form <c>tcp:host:port</c> too.</summary>
    internal static MigrationRoute Parse(string uri)
    {
        var scheme = uri.Split(':')[0];
        var kind = scheme switch
        {
            "tcp" => MigrationRouteKind.Network,
            "rdma" => MigrationRouteKind.Rdma,
            "unix" => MigrationRouteKind.Socket,
            _ => MigrationRouteKind.Unknown,
        };
        var rest = uri[Math.Min(uri.Length, scheme.Length + 1)..];
        rest = rest.StartsWith("//", StringComparison.Ordinal) ? rest[2..] : rest;
        var end = rest.IndexOfAny(['/', '?']);
        rest = end < 0 ? rest : rest[..end];
        if (kind != MigrationRouteKind.Network || rest.Length == 0)
        {
            return new(kind is MigrationRouteKind.Network ? MigrationRouteKind.Unknown : kind);
        }

        var colon = rest.LastIndexOf(':');
        var hasPort = colon > rest.LastIndexOf(']') && rest.IndexOf(':', StringComparison.Ordinal) >= (rest[0] == '[' ? 0 : colon);
        var host = (hasPort ? rest[..colon] : rest).Trim('[', ']');
        return new(kind)
        {
            Host = host,
            Port = hasPort && int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0 ? port : null,
        };
    }

    private static async Task<string> NameAsync(CheckContext context) => (await context.Destination.GetHostAsync().ConfigureAwait(false)).Name;
}

/// <summary>The kinds of ways that memory takes.</summary>
internal enum MigrationRouteKind
{
    /// <summary>None: only a definition moves.</summary>
    None,

    /// <summary>TCP, from QEMU to QEMU.</summary>
    Network,

    /// <summary>Through the connection between the two daemons.</summary>
    Tunnelled,

    /// <summary>A UNIX socket, whose other end is somebody else's business.</summary>
    Socket,

    /// <summary>RDMA.</summary>
    Rdma,

    /// <summary>One that libvirt does not know.</summary>
    Unknown,
}
