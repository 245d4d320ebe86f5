using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>Asks both hosts what has become of a VM, and waits while it is on its way to an end.</summary>
public static class MigrationVerifier
{
    private static readonly TimeSpan LookPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Looks once.</summary>
    /// <param name="uuid">The VM's UUID.</param>
    /// <param name="name">The VM's name.</param>
    /// <param name="source">The host that it was to leave.</param>
    /// <param name="destination">The host that it was to reach.</param>
    /// <param name="wasActive">Whether the VM had a process when its migration began; null where that is not known.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="patience">How long each host may take to answer; null for ten seconds.</param>
    /// <returns>What both hosts say and what follows.</returns>
    public static async Task<VmMigrationVerification> VerifyAsync(
        Guid uuid, string name, HostConnection source, HostConnection destination, bool? wasActive, CancellationToken cancellationToken,
        TimeSpan? patience = null)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        var looking = LookAsync(uuid, source, patience ?? LookPatience, cancellationToken);
        var there = await LookAsync(uuid, destination, patience ?? LookPatience, cancellationToken).ConfigureAwait(false);
        var here = await looking.ConfigureAwait(false);
        return MigrationVerdict.Of(name, uuid, here, there, wasActive);
    }

    /// <summary>Looks until both hosts were seen and nothing is under way any more, at most for a given time.</summary>
    /// <param name="plan">The migration.</param>
    /// <param name="patience">The time after which the last look counts.</param>
    /// <returns>What both hosts say and what follows.</returns>
    public static async Task<VmMigrationVerification> SettleAsync(MigrationPlan plan, TimeSpan patience)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var deadline = Environment.TickCount64 + (long)patience.TotalMilliseconds;
        var pause = FirstPause;
        while (true)
        {
            var seen = await VerifyAsync(plan.Vm.Uuid, plan.Vm.Name, plan.Source, plan.Destination, plan.Vm.Status.IsActive,
                CancellationToken.None).ConfigureAwait(false);
            var isSettled = !seen.IsInProgress && seen.SourceInstance.IsKnown && seen.DestinationInstance.IsKnown;
            if (isSettled || Environment.TickCount64 >= deadline)
            {
                return seen;
            }

            await Task.Delay(pause).ConfigureAwait(false);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    private static async Task<VmInstance> LookAsync(Guid uuid, HostConnection connection, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(patience);
        try
        {
            var vm = await connection.ReadAsync(h => h.FindVmAsync(uuid, deadline.Token), deadline.Token).ConfigureAwait(false);
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

        VmInstance Unseen(string error) => new() { VmHost = connection.Host ?? VmHost.Unreached(connection.Address), Error = error };
    }
}
