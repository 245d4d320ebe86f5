using System.Net;
using VirtMigrate.Readiness.Facts;

namespace VirtMigrate.Readiness.Probing;

/// <summary>A view of the way that is taken once, however many VMs it is for.</summary>
/// <param name="probe">Takes it.</param>
internal sealed class RememberedProbe(IPathProbe probe) : IPathProbe
{
    private readonly FactStore _names = new();
    private readonly Dictionary<(string Host, int Port), Task<PortAnswer?>> _ports = [];

    /// <summary>Takes the view anew each time.</summary>
    public IPathProbe Inner => probe;

    /// <inheritdoc/>
    public string From => probe.From;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<PortAnswer>?> ConnectAsync(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(Claim(host, ports, cancellationToken)).ConfigureAwait(false);
        return answers.All(a => a is not null) ? [.. answers.Select(a => a!.Value)] : null;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<IPAddress>?> ResolveAsync(string name, CancellationToken cancellationToken) =>
        _names.GetAsync(name, () => probe.ResolveAsync(name, cancellationToken));

    // No port is touched twice, whoever asks about it together with which others.
    private Task<PortAnswer?>[] Claim(string host, IReadOnlyList<int> ports, CancellationToken cancellationToken)
    {
        lock (_ports)
        {
            int[] news = [.. ports.Where(p => !_ports.ContainsKey((host, p)))];
            if (news.Length > 0)
            {
                var asked = Task.Run(() => probe.ConnectAsync(host, news, cancellationToken), cancellationToken);
                for (var i = 0; i < news.Length; i++)
                {
                    _ports.Add((host, news[i]), TakeAsync(asked, i));
                }
            }

            return [.. ports.Select(p => _ports[(host, p)])];
        }
    }

    private static async Task<PortAnswer?> TakeAsync(Task<IReadOnlyList<PortAnswer>?> asked, int index) => (await asked.ConfigureAwait(false))?[index];
}
