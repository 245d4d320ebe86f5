using VirtMigrate.Hosts;

namespace VirtMigrate.Migration;

/// <summary>Asks both hosts what has become of a VM.</summary>
internal static class MigrationVerifier
{
    /// <summary>Looks once.</summary>
    /// <param name="uuid">The VM's UUID.</param>
    /// <param name="name">The VM's name.</param>
    /// <param name="source">The host that it was to leave.</param>
    /// <param name="destination">The host that it was to reach.</param>
    /// <param name="hasMovedOffline">
    /// Whether an offline migration is known to have moved the VM, so that the definitions on both hosts are compared; null where none is known.
    /// </param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="patience">How long each host may take to answer; null for ten seconds.</param>
    /// <returns>What both hosts say and what follows.</returns>
    public static async Task<VmMigrationVerification> VerifyAsync(
        Guid uuid, string name, HostConnection source, HostConnection destination, bool? hasMovedOffline, CancellationToken cancellationToken,
        TimeSpan? patience = null)
    {
        var limit = patience ?? MigrationDeadlines.Look;
        var looking = LookAsync(uuid, source, limit, TimeProvider.System, cancellationToken);
        var there = await LookAsync(uuid, destination, limit, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        var here = await looking.ConfigureAwait(false);
        return MigrationVerdict.Of(new()
        {
            Vm = name,
            Uuid = uuid,
            Source = here,
            Destination = there,
            Before = hasMovedOffline is null ? null : new VmStatus(VmState.ShutOff, 0),
            DefinitionArrived = hasMovedOffline == true && await IsSameDefinitionAsync(uuid, source, destination, here, there, cancellationToken).ConfigureAwait(false),
        });
    }

    // A source that has given its definition away leaves nothing to compare with.
    private static async Task<bool> IsSameDefinitionAsync(
        Guid uuid, HostConnection source, HostConnection destination, VmInstance here, VmInstance there, CancellationToken cancellationToken)
    {
        if (here.Status is null || there.Status is null)
        {
            return here is { IsKnown: true, Status: null } && there.Status is not null;
        }

        try
        {
            var sent = await source.ReadAsync(h => h.GetDefinitionAsync(uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
            var arrived = await destination.ReadAsync(h => h.GetDefinitionAsync(uuid, cancellationToken), cancellationToken).ConfigureAwait(false);
            return string.Equals(sent, arrived, StringComparison.Ordinal);
        }
        catch (HypervisorException)
        {
            // What can't be compared proves nothing.
            return false;
        }
    }

    /// <summary>Looks at one host.</summary>
    /// <param name="uuid">The VM's UUID.</param>
    /// <param name="connection">The host.</param>
    /// <param name="patience">How long the host may take to answer.</param>
    /// <param name="time">What tells the time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>What the host says, or why it said nothing.</returns>
    internal static async Task<VmInstance> LookAsync(
        Guid uuid, HostConnection connection, TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var vm = await connection.ReadAsync(h => h.FindVmAsync(uuid, either.Token), either.Token).ConfigureAwait(false);
            return new() { VmHost = connection.Host!, Status = vm?.Status, IsPersistent = vm?.IsPersistent ?? false, Autostart = vm?.Autostart ?? false };
        }
        catch (HypervisorException e)
        {
            return Unseen(e.Message);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Unseen($"no answer within {patience.TotalSeconds:0} s");
        }

        VmInstance Unseen(string error) => new() { VmHost = connection.Described, Error = error };
    }
}
