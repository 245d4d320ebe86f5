using System.Net;

namespace VirtMigrate.Readiness.Probing;

/// <summary>Finds out about the way to a host, from one place.</summary>
internal interface IPathProbe
{
    /// <summary>The place: the source's name, or <c>this computer</c>.</summary>
    string From { get; }

    /// <summary>Tries to connect to a port, and hangs up at once if somebody listens.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of it; null where this place has no means to try.</returns>
    async Task<PortAnswer?> ConnectAsync(string host, int port, CancellationToken cancellationToken) =>
        (await ConnectAsync(host, [port], cancellationToken).ConfigureAwait(false))?[0];

    /// <summary>Tries to connect to ports side by side, and hangs up at once where somebody listens.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="ports">The ports.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What became of each, in their order; null where this place has no means to try.</returns>
    Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken);

    /// <summary>Finds the addresses of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The addresses, none where the name leads nowhere; null where this place has no means to tell.</returns>
    Task<IReadOnlyList<IPAddress>?> ResolveAsync(string name, CancellationToken cancellationToken);
}
