using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate.Migration;

/// <summary>
/// Finds the destination that was left out: VIRTMIGRATE_DESTINATION, else the only other connected host,
/// else, of several, the one that is ready for the VM by the quick checks and has the most memory to spare.
/// </summary>
/// <param name="connections">The session's hosts.</param>
/// <param name="skip">The ids of checks that do not count where one of several hosts is chosen.</param>
internal sealed class DestinationResolver(HostConnections connections, IReadOnlyCollection<string>? skip = null)
{
    private readonly ReadinessSelection _selection = new() { QuickOnly = true, Skip = skip ?? [] };
    private readonly HostCache _notebook = new(connections);

    /// <summary>Finds the destination of one VM.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="source">The host that it leaves.</param>
    /// <param name="settings">How it is to be migrated.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The destination, open or not.</returns>
    /// <exception cref="MigrationException">None follows.</exception>
    public async Task<HostConnection> ResolveAsync(
        Vm vm, HostConnection source, MigrationSettings settings, CancellationToken cancellationToken)
    {
        var candidates = Candidates(vm, source);
        return candidates is [var only] ? only : await ChooseAsync(vm, source, candidates, settings, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the destinations that come into question for one VM: VIRTMIGRATE_DESTINATION, else all other connected hosts.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="source">The host that it leaves.</param>
    /// <returns>The destinations, open or not; at least one.</returns>
    /// <exception cref="MigrationException">There is none.</exception>
    public IReadOnlyList<HostConnection> Candidates(Vm vm, HostConnection source)
    {
        if (HostAddresses.DefaultDestination is { } address)
        {
            return [connections.Get(address)];
        }

        HostConnection[] others = [.. connections.Opened.Where(c => !c.IsSameHost(source))];
        return others.Length > 0
            ? others
            : throw RequestFailures.NoDestination(vm.Name, "VIRTMIGRATE_DESTINATION is not set and no other host is connected.");
    }

    private async Task<HostConnection> ChooseAsync(
        Vm vm, HostConnection source, IReadOnlyList<HostConnection> hosts, MigrationSettings settings, CancellationToken cancellationToken)
    {
        var requests = hosts.Select(h => settings.ToRequest(vm, source, h)).ToArray();
        var reports = await new ReadinessRun(_selection, _notebook, cancellationToken).StartAsync(requests).ConfigureAwait(false);
        var looks = await Task.WhenAll(hosts.Zip(reports, (h, r) => LookAsync(h, r, cancellationToken))).ConfigureAwait(false);
        var best = looks.Where(l => l.Report.IsReady).OrderByDescending(l => l.Memory).FirstOrDefault();
        return best.Host ?? throw RequestFailures.NoDestination(vm.Name,
            $"none of the connected hosts can take '{vm.Name}'. {string.Join(' ', looks.Select(l => Describe(l.Report)))}");
    }

    private static async Task<(HostConnection Host, VmMigrationReadiness Report, long Memory)> LookAsync(
        HostConnection host, Task<VmMigrationReadiness> report, CancellationToken cancellationToken)
    {
        var found = await report.ConfigureAwait(false);
        var memory = found.IsReady
            ? await host.ReadAsync(h => h.GetAvailableMemoryAsync(cancellationToken), cancellationToken).ConfigureAwait(false)
            : 0;
        return (host, found, memory);
    }

    private static string Describe(VmMigrationReadiness report) =>
        $"{report.Destination.Name}: {string.Join(' ', report.Obstacles.Select(c => c.Message))}";
}
