using VirtMigrate.Hypervisor;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Migration;

/// <summary>The move itself, from the first call to the moment when nothing is under way any more.</summary>
internal static class MigrationCall
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ReconnectPatience = TimeSpan.FromSeconds(30);

    /// <summary>Moves the VM of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>A task that ends with the migration.</returns>
    /// <exception cref="HypervisorException">The migration failed, or this side lost sight of it.</exception>
    public static async Task RunAsync(MigrationPlan plan)
    {
        var source = await plan.Source.GetAsync(CancellationToken.None).ConfigureAwait(false);
        var destination = await plan.Destination.GetAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            await source.MigrateAsync(plan.Vm.Uuid, destination, plan.Options, CancellationToken.None).ConfigureAwait(false);
        }
        catch (HypervisorException e) when (e is HostConnectionLostException or HypervisorToolException
            && (plan.Options.Has(MigrationOptions.PeerToPeer) || plan.Source.MigrationOutlivesClient))
        {
            // The source's daemon, or a client beside it, runs this migration and needs nobody here; it is followed over a new connection.
            await FollowAsync(plan).ConfigureAwait(false);
            throw;
        }
    }

    private static async Task FollowAsync(MigrationPlan plan)
    {
        var lastSeen = Environment.TickCount64;
        while (Environment.TickCount64 - lastSeen < ReconnectPatience.TotalMilliseconds)
        {
            using var patience = new CancellationTokenSource(ReconnectPatience);
            try
            {
                var job = await plan.Source.ReadAsync(h => h.GetJobAsync(plan.Vm.Uuid, patience.Token), patience.Token).ConfigureAwait(false);
                if (job.Statistics is not { IsMigration: true } && !job.IsHidden)
                {
                    return;
                }

                lastSeen = Environment.TickCount64;
            }
            catch (VmNotFoundException)
            {
                return;
            }
            catch (Exception e) when (e is HypervisorException or OperationCanceledException)
            {
                // The source can't be seen at the moment.
            }

            await Task.Delay(Interval).ConfigureAwait(false);
        }
    }
}
