using VirtMigrate.Hypervisor;

namespace VirtMigrate.Migration;

/// <summary>Ends a migration on request and sees to it that it has ended.</summary>
internal static class MigrationAbort
{
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(5);

    /// <summary>Asks the source to abort until the migration has returned.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="source">The host that it leaves.</param>
    /// <param name="migration">The migration.</param>
    /// <param name="patience">The time after which the migration is left to itself.</param>
    /// <returns>A task that ends with the migration, or when the patience does.</returns>
    public static async Task RunAsync(Guid vm, HostConnection source, Task migration, TimeSpan patience)
    {
        // Before the source has begun and after it has handed over there is nothing to abort, and libvirt says so;
        // the next request finds what the last one came too early for.
        using var deadline = new CancellationTokenSource(patience);
        while (!migration.IsCompleted && !deadline.IsCancellationRequested)
        {
            try
            {
                using var request = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token);
                request.CancelAfter(RequestPatience);
                var hypervisor = await source.GetAsync(request.Token).ConfigureAwait(false);
                await hypervisor.AbortJobAsync(vm, request.Token).ConfigureAwait(false);
            }
            catch (HypervisorException)
            {
                // No job yet, no job any more, or no host: what became of the VM is looked up afterwards.
            }
            catch (OperationCanceledException)
            {
                // The host did not answer in time.
            }

            await Task.WhenAny(migration, Task.Delay(BetweenRequests)).ConfigureAwait(false);
        }
    }
}
