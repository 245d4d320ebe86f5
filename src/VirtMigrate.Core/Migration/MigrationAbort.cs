using VirtMigrate.Hypervisor;

namespace VirtMigrate.Migration;

/// <summary>Ends a migration on request and sees to it that it has ended.</summary>
internal static class MigrationAbort
{
    private static readonly TimeSpan BetweenRequests = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(5);

    /// <summary>Asks the source to abort until the migration has returned. One in post-copy is waited for instead, for as long as it takes.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <param name="source">The host that it leaves.</param>
    /// <param name="migration">The migration.</param>
    /// <param name="isPostCopy">Whether the guest can't be taken back any more.</param>
    /// <param name="refused">Is told once when it can't.</param>
    /// <param name="patience">The time after which the migration is left to itself.</param>
    /// <returns>A task that ends with the migration, or when the patience does.</returns>
    public static async Task RunAsync(
        Guid vm, HostConnection source, Task migration, Func<bool> isPostCopy, Action refused, TimeSpan patience)
    {
        // Before the source has begun and after it has handed over there is nothing to abort, and libvirt says so;
        // the next request finds what the last one came too early for.
        using var deadline = new CancellationTokenSource(patience);
        var isTold = false;
        while (!migration.IsCompleted && (isPostCopy() || !deadline.IsCancellationRequested))
        {
            if (isPostCopy())
            {
                if (!isTold)
                {
                    isTold = true;
                    refused();
                }

                await Task.WhenAny(migration, Task.Delay(BetweenLooks)).ConfigureAwait(false);
                deadline.CancelAfter(patience);
                continue;
            }

            await RequestAsync(vm, source, deadline.Token).ConfigureAwait(false);
            await Task.WhenAny(migration, Task.Delay(BetweenRequests)).ConfigureAwait(false);
        }
    }

    private static async Task RequestAsync(Guid vm, HostConnection source, CancellationToken deadline)
    {
        try
        {
            using var request = CancellationTokenSource.CreateLinkedTokenSource(deadline);
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
    }
}
