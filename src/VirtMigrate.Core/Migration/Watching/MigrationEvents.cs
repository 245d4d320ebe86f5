using System.Diagnostics;
using VirtMigrate.Hypervisor;

namespace VirtMigrate.Migration;

/// <summary>Listens to what the source's libvirt tells of one VM's migration as it happens.</summary>
/// <param name="vm">The VM's UUID.</param>
internal sealed class MigrationEvents(Guid vm) : IDisposable
{
    // virDomainEventType and the details that belong to it.
    private const int Suspended = 3;
    private const int Resumed = 4;
    private const int SuspendedMigrated = 1;
    private const int SuspendedPostCopy = 7;
    private const int SuspendedPostCopyFailed = 8;

    private readonly SemaphoreSlim _happened = new(0);
    private IHypervisor? _hypervisor;
    private IDisposable? _subscription;
    private long _lastPass;

    /// <summary>Whether the migration has stopped the guest at the source, be it for the switch-over or since it was suspended.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Whether the guest runs at the destination and fetches the rest of its memory.</summary>
    public bool IsPostCopy { get; private set; }

    /// <summary>Whether post-copy broke.</summary>
    public bool IsPostCopyFailed { get; private set; }

    /// <summary>The moment at which the last pass began (Stopwatch.GetTimestamp); null where no event told of one.</summary>
    public long? LastPass => Volatile.Read(ref _lastPass) is not 0 and var moment ? moment : null;

    /// <summary>Listens to a host; to another one than before where the connection was opened anew.</summary>
    /// <param name="hypervisor">The source.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>A task that ends when the host has been asked.</returns>
    public async Task ListenToAsync(IHypervisor hypervisor, CancellationToken cancellationToken)
    {
        if (ReferenceEquals(_hypervisor, hypervisor))
        {
            return;
        }

        _subscription?.Dispose();
        _hypervisor = hypervisor;
        _subscription = await Task.Run(() => hypervisor.Subscribe(Take), cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Waits until something happens.</summary>
    /// <param name="patience">The longest wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A task that ends with the wait.</returns>
    public async Task WaitAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (await _happened.WaitAsync(patience, cancellationToken).ConfigureAwait(false))
        {
            // What came together is looked at together.
            while (_happened.Wait(0, CancellationToken.None))
            {
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _subscription?.Dispose();

    private void Take(DomainEvent happened)
    {
        if (happened.Vm != vm)
        {
            return;
        }

        switch (happened)
        {
            case MigrationIterationEvent:
                Volatile.Write(ref _lastPass, Stopwatch.GetTimestamp());
                break;
            case LifecycleEvent { Kind: Suspended, Detail: SuspendedMigrated }:
                IsStopped = true;
                break;
            case LifecycleEvent { Kind: Suspended, Detail: SuspendedPostCopy }:
                (IsPostCopy, IsPostCopyFailed) = (true, false);
                break;
            case LifecycleEvent { Kind: Suspended, Detail: SuspendedPostCopyFailed }:
                (IsPostCopy, IsPostCopyFailed) = (false, true);
                break;
            case LifecycleEvent { Kind: Resumed }:
                IsStopped = false;
                break;
            default:
                return;
        }

        _happened.Release();
    }
}
