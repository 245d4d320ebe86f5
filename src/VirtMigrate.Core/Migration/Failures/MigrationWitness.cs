using System.Collections.Concurrent;
using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Failures;

/// <summary>
/// Listens on both hosts while a VM moves, for what either end does on its own: the call that moves the VM returns one error, of one
/// of them.
/// </summary>
/// <remarks>
/// This is all of the other end's that libvirt shows to a client. No job account of either end carries a migration's error (9.0 fills
/// <c>errmsg</c> for backups only, and drops the account of a migration that failed), and QEMU's own words stay in its log on the host.
/// </remarks>
internal sealed class MigrationWitness : IDisposable
{
    private readonly Guid _vm;
    private readonly ConcurrentQueue<VmMigrationError> _seen = [];
    private readonly List<IDisposable> _subscriptions = [];
    private readonly TaskCompletionSource _destinationStopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _hasDestinationStarted;

    private MigrationWitness(Guid vm) => _vm = vm;

    /// <summary>What was seen.</summary>
    public IReadOnlyCollection<VmMigrationError> Seen => _seen;

    /// <summary>Starts to listen on both hosts of a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What listens; a host that can't be reached is not listened to.</returns>
    public static async Task<MigrationWitness> ListenAsync(MigrationPlan plan, CancellationToken cancellationToken)
    {
        var witness = new MigrationWitness(plan.Vm.Uuid);
        await witness.ListenAsync(plan.Source, MigrationEnd.Source, cancellationToken).ConfigureAwait(false);
        await witness.ListenAsync(plan.Destination, MigrationEnd.Destination, cancellationToken).ConfigureAwait(false);
        return witness;
    }

    /// <summary>
    /// Waits until the destination has told of the end of a half that it has begun. It forgets the VM first, and what it tells may arrive
    /// later than its answer that the VM is not there.
    /// </summary>
    /// <param name="timeout">The longest time to wait.</param>
    /// <returns>A task that ends when it was told of, or at the timeout.</returns>
    public async Task WaitForDestinationAsync(TimeSpan timeout)
    {
        if (_hasDestinationStarted)
        {
            await _destinationStopped.Task.WaitAsync(timeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _subscriptions.ForEach(s => s.Dispose());

    private async Task ListenAsync(HostConnection host, MigrationEnd end, CancellationToken cancellationToken)
    {
        try
        {
            var hypervisor = await host.GetAsync(cancellationToken).ConfigureAwait(false);
            _subscriptions.Add(hypervisor.Subscribe(happened => Hear(happened, end, hypervisor.Host.Name)));
        }
        catch (Exception e) when (e is HypervisorException or OperationCanceledException)
        {
            // The migration itself will say that the host can't be reached.
        }
    }

    private void Hear(DomainEvent happened, MigrationEnd end, string host)
    {
        if (happened is not LifecycleEvent lifecycle || lifecycle.Vm != _vm)
        {
            return;
        }

        if (Describe(lifecycle) is { } text)
        {
            _seen.Enqueue(new() { End = end, Host = host, Message = text, Time = DateTimeOffset.Now });
        }

        if (end is MigrationEnd.Destination)
        {
            // VIR_DOMAIN_EVENT_STARTED and VIR_DOMAIN_EVENT_STOPPED.
            _hasDestinationStarted |= lifecycle.Kind == 2;
            if (lifecycle.Kind == 5)
            {
                _destinationStopped.TrySetResult();
            }
        }
    }

    // virDomainEventType and its details; those that no healthy migration brings. Stopped with "failed" is how a daemon
    // gives up its half, with "crashed" how a QEMU goes that nobody told to.
    private static string? Describe(LifecycleEvent happened) => (happened.Kind, happened.Detail) switch
    {
        (5, 2) => "libvirt's event: stopped (crashed)",
        (5, 5) => "libvirt's event: stopped (failed)",
        (3, 2) => "libvirt's event: suspended (I/O error)",
        (3, 8) => "libvirt's event: suspended (post-copy failed)",
        (4, 4) => "libvirt's event: resumed (post-copy failed)",
        (8, _) => "libvirt's event: crashed",
        _ => null,
    };
}
