namespace VirtMigrate.Hypervisor.Virsh.Events;

/// <summary>Hands the domain events of one host to their listeners. A virsh listens as long as somebody here does.</summary>
internal sealed class VirshEvents : IAsyncDisposable
{
    private readonly VirshClient _virsh;
    private readonly DomainEventListeners _listeners;
    private CancellationTokenSource? _stop;
    private Task _listening = Task.CompletedTask;

    /// <summary>Makes one that nobody listens to yet.</summary>
    /// <param name="virsh">The host's virsh.</param>
    public VirshEvents(VirshClient virsh)
    {
        _virsh = virsh;
        _listeners = new(Start, Stop);
    }

    /// <summary>Adds a listener.</summary>
    /// <param name="vm">The VM whose events it is told; null for those of all.</param>
    /// <param name="listener">Called on a thread of the pool; must return quickly.</param>
    /// <returns>Removes the listener when disposed.</returns>
    public IDisposable Subscribe(Guid? vm, Action<DomainEvent> listener) => _listeners.Add(vm, listener);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _listeners.End();
        await _listening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Start()
    {
        _stop = new();
        _listening = new VirshEventStream(_virsh, _listeners.Publish).RunAsync(_stop.Token);
    }

    private void Stop()
    {
        _stop?.Cancel();
        _stop?.Dispose();
        _stop = null;
    }
}
