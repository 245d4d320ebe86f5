using System.Net;
using VirtMigrate.Hosts;

namespace VirtMigrate.Tests.Readiness;

/// <summary>A way to a host of which a test says what it is like.</summary>
internal sealed class KnownProbe(string from) : INetworkProbe
{
    public string From { get; } = from;

    public Dictionary<(string Host, int Port), PortAnswer> Ports { get; } = [];

    public Dictionary<string, IReadOnlyList<IPAddress>> Names { get; } = new(StringComparer.OrdinalIgnoreCase);

    public PortAnswer? Otherwise { get; set; } = PortAnswer.Refused;

    /// <summary>Is told of each port before it answers.</summary>
    public Action<int>? Asked { get; set; }

    public List<int> Tried { get; } = [];

    public Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        Tried.AddRange(ports);
        foreach (var port in ports)
        {
            Asked?.Invoke(port);
        }

        return Task.FromResult<IReadOnlyList<PortAnswer>?>(ports.All(p => Ports.ContainsKey((host, p)) || Otherwise is not null)
            ? [.. ports.Select(p => Ports.TryGetValue((host, p), out var answer) ? answer : Otherwise!.Value)]
            : null);
    }

    public Task<IReadOnlyList<IPAddress>?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<IPAddress>?>(Names.GetValueOrDefault(name) ?? []);
}
