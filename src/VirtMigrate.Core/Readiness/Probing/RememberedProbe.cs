using System.Net;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Probing;

/// <summary>A view of the way that is taken once, however many VMs it is for.</summary>
/// <param name="probe">Takes it.</param>
internal sealed class RememberedProbe(IPathProbe probe) : IPathProbe
{
    private readonly FactStore _names = new(keepsFailures: false);
    private readonly FactStore _answers = new(keepsFailures: false);
    private readonly Dictionary<(string Host, int Port), int[]> _claims = [];

    /// <summary>Takes the view anew each time.</summary>
    public IPathProbe Inner => probe;

    /// <inheritdoc/>
    public string From => probe.From;

    /// <inheritdoc/>
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

    /// <inheritdoc/>
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
