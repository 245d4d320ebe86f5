using System.Globalization;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness.Probing;

/// <summary>What could be seen of some ports of the destination, from the best place that there is.</summary>
/// <param name="From">The place.</param>
/// <param name="Host">The name or address that was tried.</param>
/// <param name="Answers">What became of each port.</param>
internal sealed record PathView(string From, string Host, IReadOnlyDictionary<int, PortAnswer> Answers)
{
    /// <summary>
    /// Whether what was seen is the way that data takes: the source's own view, or this computer's view of the address that data goes to.
    /// False for a network that this computer need not reach.
    /// </summary>
    public bool IsDecisive { get; init; }

    /// <summary>Whether the source saw it itself.</summary>
    public bool IsFromSource { get; init; }

    /// <summary>What was read.</summary>
    public IReadOnlyList<ReadinessEvidence> Evidence => [.. Answers.GroupBy(a => a.Value)
        .Select(g => new ReadinessEvidence(From, $"tcp {Host} {ToText(g.Select(a => a.Key))}", g.Key.ToString()))];

    /// <summary>Looks at ports.</summary>
    /// <param name="context">The migration.</param>
    /// <param name="host">The name or address that data goes to.</param>
    /// <param name="ports">The ports.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What was seen; null where nothing can be seen from anywhere.</returns>
    public static async Task<PathView?> OfAsync(CheckContext context, string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        if (context.Path.Source is { } source && await source.ConnectAsync(host, ports, cancellationToken).ConfigureAwait(false) is { } seen)
        {
            return new(source.From, host, ToAnswers(ports, seen)) { IsDecisive = true, IsFromSource = true };
        }

        // A destination that is this computer does not look at itself through the network.
        var connection = context.Destination.Address.HostName.Trim('[', ']');
        if (connection.Length == 0)
        {
            return null;
        }

        var client = context.Path.Client;
        var data = await client.ResolveAsync(host, cancellationToken).ConfigureAwait(false) ?? [];
        var control = await client.ResolveAsync(connection, cancellationToken).ConfigureAwait(false) ?? [];

        // The destination's own name, where this computer does not know it, most likely stands for the address that it is reached at.
        var tried = data.Count > 0 ? host : connection;
        return control.Count + data.Count > 0 && await client.ConnectAsync(tried, ports, cancellationToken).ConfigureAwait(false) is { } answers
            ? new(client.From, tried, ToAnswers(ports, answers)) { IsDecisive = data.Count == 0 || data.Intersect(control).Any() }
            : null;
    }

    /// <summary>Ports as people write them: <c>49152-49200, 49215</c>.</summary>
    /// <param name="ports">The ports.</param>
    /// <returns>A text.</returns>
    public static string ToText(IEnumerable<int> ports)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var port in ports.Order())
        {
            if (ranges.Count > 0 && ranges[^1].Last == port - 1)
            {
                ranges[^1] = (ranges[^1].First, port);
            }
            else
            {
                ranges.Add((port, port));
            }
        }

        return string.Join(", ", ranges.Select(r => r.First == r.Last ? Number(r.First) : $"{Number(r.First)}-{Number(r.Last)}"));
    }

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    private static Dictionary<int, PortAnswer> ToAnswers(IReadOnlyList<int> ports, IReadOnlyList<PortAnswer> answers) =>
        ports.Zip(answers).ToDictionary(p => p.First, p => p.Second);
}
