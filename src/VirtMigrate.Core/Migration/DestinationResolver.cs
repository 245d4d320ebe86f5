using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Finds the destination that was left out: VIRTMIGRATE_DESTINATION, else the only other connected host,
/// else, of several, the one that can take the VM and has the most memory to spare.
/// </summary>
/// <param name="connections">The session's hosts.</param>
public sealed class DestinationResolver(HostConnections connections)
{
    /// <summary>Finds the destination of one VM.</summary>
    /// <param name="vm">The VM.</param>
    /// <param name="source">The host that it leaves.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The destination, open or not.</returns>
    /// <exception cref="DestinationUnknownException">None follows.</exception>
    public async Task<HostConnection> ResolveAsync(Vm vm, HostConnection source, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(vm);
        ArgumentNullException.ThrowIfNull(source);
        if (HostAddress.DefaultDestination is { } address)
        {
            return connections.Get(address);
        }

        var others = connections.Opened.Where(c => !IsSame(c, source)).ToArray();
        return others.Length switch
        {
            0 => throw new DestinationUnknownException("VIRTMIGRATE_DESTINATION is not set and no other host is connected.") { Vm = vm.Name },
            1 => others[0],
            _ => await ChooseAsync(vm, others, cancellationToken).ConfigureAwait(false),
        };
    }

    private static async Task<HostConnection> ChooseAsync(Vm vm, HostConnection[] hosts, CancellationToken cancellationToken)
    {
        var looks = await Task.WhenAll(hosts.Select(h => LookAsync(vm, h, cancellationToken))).ConfigureAwait(false);
        var best = looks.Where(l => l.Refusal is null).OrderByDescending(l => l.Memory).FirstOrDefault();
        return best.Host ?? throw new DestinationUnknownException(
            $"none of the connected hosts can take '{vm.Name}' ({string.Join("; ", looks.Select(l => $"{l.Host.Host?.Name}: {l.Refusal}"))}).")
        { Vm = vm.Name };
    }

    private static async Task<(HostConnection Host, long Memory, string? Refusal)> LookAsync(
        Vm vm, HostConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var host = await connection.GetAsync(cancellationToken).ConfigureAwait(false);
            var memory = await host.GetAvailableMemoryAsync(cancellationToken).ConfigureAwait(false);
            var same = await host.FindVmAsync(vm.Uuid, cancellationToken).ConfigureAwait(false);
            var namesake = same ?? await host.FindVmAsync(vm.Name, cancellationToken).ConfigureAwait(false);
            return (connection, memory, Refuse(vm, host.Host, memory, same, namesake));
        }
        catch (HypervisorException e)
        {
            return (connection, 0, e.Message);
        }
    }

    private static string? Refuse(Vm vm, VmHost host, long memory, Vm? same, Vm? namesake) =>
        !string.Equals(host.Hypervisor, vm.VmHost.Hypervisor, StringComparison.Ordinal) ? $"its hypervisor is {host.Hypervisor}" :
        !string.Equals(host.Architecture, vm.VmHost.Architecture, StringComparison.Ordinal) ? $"its processors are {host.Architecture}" :
        same is { Status.IsActive: true } ? "the VM is active there already" :
        same is null && namesake is not null ? "another VM has this name there" :
        vm.Status.IsActive && memory < vm.Memory ? "too little memory is free" :
        null;

    // One host may be connected by several URIs.
    private static bool IsSame(HostConnection one, HostConnection other) =>
        one.Address == other.Address ||
        (one.Host is { } a && other.Host is { } b && string.Equals(a.Name, b.Name, StringComparison.OrdinalIgnoreCase) && a.Uuid == b.Uuid);
}
