using System.Net;

namespace VirtMigrate.Hosts;

/// <summary>Finds out what of the network is reached from one place.</summary>
internal interface INetworkProbe
{
    /// <summary>The place: the source's name, or <c>this computer</c>.</summary>
    string From { get; }

    /// <summary>The same view, which is taken again where it was taken before.</summary>
    INetworkProbe Fresh => this;

    /// <summary>Tries to connect to a port, and hangs up at once if somebody listens.</summary>
    /// <returns>What became of it; null where this place has no means to try.</returns>
    async Task<PortAnswer?> ConnectAsync(string host, int port, CancellationToken cancellationToken) =>
        (await ConnectAsync(host, [port], cancellationToken).ConfigureAwait(false))?[0];

    /// <summary>Tries to connect to ports side by side, and hangs up at once where somebody listens.</summary>
    /// <returns>What became of each, in their order; null where this place has no means to try.</returns>
    Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken);

    /// <summary>Finds the addresses of a name.</summary>
    /// <returns>The addresses, none where the name leads nowhere; null where this place has no means to tell.</returns>
    Task<IReadOnlyList<IPAddress>?> ResolveAsync(string name, CancellationToken cancellationToken);
}

/// <summary>What became of an attempt to connect to a TCP port.</summary>
internal enum PortAnswer
{
    /// <summary>Somebody listens.</summary>
    Open,

    /// <summary>The host answered that nobody listens: it is reachable, and no firewall stands between.</summary>
    Refused,

    /// <summary>Somebody on the way said no (an ICMP message): a firewall that rejects.</summary>
    Rejected,

    /// <summary>There is no way to the host (no route, host unreachable).</summary>
    Unreachable,

    /// <summary>No answer at all: a firewall that drops, or a host that is off.</summary>
    TimedOut,

    /// <summary>The host's name leads to no address.</summary>
    NameUnknown,
}

/// <summary>A view that is taken once, however many VMs it is for.</summary>
internal sealed class CachedProbe(INetworkProbe probe) : INetworkProbe
{
    private readonly FactCache _names = new(keepsFailures: false);
    private readonly FactCache _answers = new(keepsFailures: false);
    private readonly Dictionary<(string Host, int Port), int[]> _claims = [];

    public INetworkProbe Fresh => probe;

    public string From => probe.From;

    public async Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        var answers = new Dictionary<int, PortAnswer>();
        foreach (var (claim, told) in await Task.WhenAll(Claim(host, ports).Select(AskAsync)).ConfigureAwait(false))
        {
            if (told is null)
            {
                return null;
            }

            for (var i = 0; i < claim.Length; i++)
            {
                answers[claim[i]] = told[i];
            }
        }

        return [.. ports.Select(p => answers[p])];

        async Task<(int[] Claim, IReadOnlyList<PortAnswer>? Told)> AskAsync(int[] claim) =>
            (claim, await _answers.GetAsync(claim, ct => probe.ConnectAsync(host, claim, ct), cancellationToken).ConfigureAwait(false));
    }

    public Task<IReadOnlyList<IPAddress>?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        _names.GetAsync(name, ct => probe.ResolveAsync(name, ct), cancellationToken);

    // No port is touched twice, whoever asks about it together with which others.
    private int[][] Claim(string host, IReadOnlyList<int> ports)
    {
        lock (_claims)
        {
            int[] news = [.. ports.Where(p => !_claims.ContainsKey((host, p)))];
            foreach (var port in news)
            {
                _claims.Add((host, port), news);
            }

            return [.. ports.Select(p => _claims[(host, p)]).Distinct()];
        }
    }
}
