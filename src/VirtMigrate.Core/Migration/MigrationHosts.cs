using VirtMigrate.Hosts;
using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>
/// Asks the two hosts of one migration for what its machine wants to know or to have done, and listens to them. Each question ends in one event,
/// whatever the host does; none throws.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="time">What tells the time.</param>
/// <param name="post">Takes the events, from any thread.</param>
internal sealed class MigrationHosts(MigrationPlan plan, TimeProvider time, Action<MigrationEvent> post) : IDisposable
{
    private readonly object _lock = new();
    private readonly Dictionary<MigrationEnd, (IHypervisor Hypervisor, IDisposable Subscription)> _subscriptions = [];
    private readonly CancellationTokenSource _givingUp = new();
    private bool _isDeaf;

    /// <summary>Makes the call that moves the VM.</summary>
    /// <returns>Ends when the call has, and was told of.</returns>
    public async Task CallAsync()
    {
        var wasMade = false;
        var (isOpen, askedAt) = (plan.Source.IsAlive && plan.Destination.IsAlive, time.GetTimestamp());
        try
        {
            var source = await plan.Source.GetAsync(_givingUp.Token).ConfigureAwait(false);
            var destination = await plan.Destination.GetAsync(_givingUp.Token).ConfigureAwait(false);
            if (!isOpen)
            {
                post(new MigrationEvent.CallDelayed(time.GetElapsedTime(askedAt)));
            }

            wasMade = true;
            await source.MigrateAsync(plan.Vm.Uuid, destination, plan.Options, _givingUp.Token).ConfigureAwait(false);
            post(new MigrationEvent.CallReturned());
        }
        catch (Exception e)
        {
            post(new MigrationEvent.CallFailed(e, wasMade));
        }
    }

    /// <summary>Cancels a call that has not reached libvirt yet.</summary>
    public void GiveUpCall() => _givingUp.Cancel();

    /// <summary>Listens to a host, also again where its connection was opened again.</summary>
    /// <param name="end">The host.</param>
    /// <returns>Ends when the host is listened to, or can't be.</returns>
    public async Task ListenAsync(MigrationEnd end)
    {
        try
        {
            using var deadline = Deadline();
            var hypervisor = await Host(end).GetAsync(deadline.Token).ConfigureAwait(false);
            if (!IsListeningTo(end, hypervisor))
            {
                var subscription = await hypervisor.SubscribeAsync(plan.Vm.Uuid, told => post(new MigrationEvent.Heard(end, told)), deadline.Token).ConfigureAwait(false);
                Keep(end, hypervisor, subscription);
            }
        }
        catch (Exception)
        {
            // What is asked of the host next says why it can't be reached; its VMs are watched by looks alone.
        }

        post(new MigrationEvent.Listening(end));
    }

    /// <summary>Listens to nobody any more.</summary>
    public void StopListening()
    {
        IDisposable[] subscriptions;
        lock (_lock)
        {
            _isDeaf = true;
            subscriptions = [.. _subscriptions.Values.Select(s => s.Subscription)];
            _subscriptions.Clear();
        }

        foreach (var subscription in subscriptions)
        {
            subscription.Dispose();
        }
    }

    /// <summary>Looks at the VM's job on the source.</summary>
    /// <returns>Ends when what was found was told.</returns>
    public async Task ReadJobAsync()
    {
        if (!plan.Destination.IsAlive)
        {
            post(new MigrationEvent.DestinationClosed());
        }

        try
        {
            using var deadline = Deadline();
            var reading = await plan.Source.ReadAsync(h => h.GetJobAsync(plan.Vm.Uuid, deadline.Token), deadline.Token).ConfigureAwait(false);
            await ListenAgainAsync().ConfigureAwait(false);
            post(new MigrationEvent.JobSeen(reading));
        }
        catch (VmNotFoundException)
        {
            post(new MigrationEvent.JobSeen(null));
        }
        catch (Exception e)
        {
            post(new MigrationEvent.JobUnseen(e));
        }
    }

    /// <summary>Looks at the VM on a host.</summary>
    /// <param name="end">The host.</param>
    /// <returns>Ends when what was found was told.</returns>
    public async Task LookAsync(MigrationEnd end)
    {
        var host = Host(end);
        VmInstance instance;
        try
        {
            instance = await MigrationVerifier.LookAsync(plan.Vm.Uuid, host, MigrationDeadlines.Look, time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            instance = new() { VmHost = host.Host ?? VmHost.Unreached(host.Address), Error = e.Message };
        }

        post(new MigrationEvent.InstanceSeen(end, instance));
    }

    /// <summary>Reads the statistics of the VM's last ended job on a host.</summary>
    /// <param name="end">The host.</param>
    /// <returns>Ends when what was found was told.</returns>
    public async Task ReadCompletedAsync(MigrationEnd end)
    {
        JobStatistics? statistics = null;
        try
        {
            using var deadline = Deadline();
            statistics = await Host(end).ReadAsync(h => h.GetCompletedJobAsync(plan.Vm.Uuid, deadline.Token), deadline.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A host that does not know the VM, or can't be asked, has no statistics to give.
        }

        post(new MigrationEvent.CompletedSeen(end, statistics));
    }

    /// <summary>Reads the VM's definition on a host.</summary>
    /// <param name="end">The host.</param>
    /// <returns>Ends when what was found was told.</returns>
    public async Task ReadDefinitionAsync(MigrationEnd end)
    {
        MigrationEvent seen = new MigrationEvent.DefinitionSeen(end, null, IsKnown: false);
        try
        {
            using var deadline = Deadline();
            var definition = await Host(end).ReadAsync(h => h.GetDefinitionAsync(plan.Vm.Uuid, deadline.Token), deadline.Token).ConfigureAwait(false);
            seen = new MigrationEvent.DefinitionSeen(end, definition, IsKnown: true);
        }
        catch (VmNotFoundException)
        {
            seen = new MigrationEvent.DefinitionSeen(end, null, IsKnown: true);
        }
        catch (Exception)
        {
            // What can't be read is not known.
        }

        post(seen);
    }

    /// <summary>Asks a host to do something.</summary>
    /// <param name="request">What.</param>
    /// <returns>Ends when the answer was told, or that there was none.</returns>
    public async Task RequestAsync(MigrationCommand.Request request)
    {
        try
        {
            using var deadline = Deadline();
            var host = request.What == MigrationRequested.SetAutostart ? plan.Destination : plan.Source;
            var hypervisor = await host.GetAsync(deadline.Token).ConfigureAwait(false);
            post(await RequestAsync(request, hypervisor, deadline.Token).WaitAsync(deadline.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            post(new MigrationEvent.Refused(request.What, new TimeoutException($"no answer within {MigrationDeadlines.Look.TotalSeconds:0} s")));
        }
        catch (Exception e)
        {
            post(new MigrationEvent.Refused(request.What, e));
        }
    }

    /// <summary>Opens the connection to the destination again.</summary>
    /// <returns>Ends when it is open, or can't be opened now.</returns>
    public async Task ReopenAsync()
    {
        try
        {
            using var deadline = Deadline();
            await plan.Destination.GetAsync(deadline.Token).ConfigureAwait(false);
            post(new MigrationEvent.DestinationReopened());
        }
        catch (Exception)
        {
            post(new MigrationEvent.DestinationUnreachable());
        }
    }

    /// <summary>Lets go of the listeners, when nothing is left to do.</summary>
    public void Dispose()
    {
        _givingUp.Dispose();
        StopListening();
    }

    private bool IsListeningTo(MigrationEnd end, IHypervisor hypervisor)
    {
        lock (_lock)
        {
            return _isDeaf || (_subscriptions.TryGetValue(end, out var present) && ReferenceEquals(present.Hypervisor, hypervisor));
        }
    }

    // A listener that comes when nobody listens any more is let go.
    private void Keep(MigrationEnd end, IHypervisor hypervisor, IDisposable subscription)
    {
        IDisposable? old = subscription;
        lock (_lock)
        {
            if (!_isDeaf)
            {
                old = _subscriptions.TryGetValue(end, out var present) ? present.Subscription : null;
                _subscriptions[end] = (hypervisor, subscription);
            }
        }

        old?.Dispose();
    }

    // The source's connection may have been opened again for the reading.
    private async Task ListenAgainAsync()
    {
        if (plan.Source.IsAlive && await plan.Source.GetAsync(CancellationToken.None).ConfigureAwait(false) is var hypervisor &&
            !IsListeningTo(MigrationEnd.Source, hypervisor))
        {
            _ = ListenAsync(MigrationEnd.Source);
        }
    }

    private async Task<MigrationEvent> RequestAsync(MigrationCommand.Request request, IHypervisor host, CancellationToken cancellationToken)
    {
        var vm = plan.Vm.Uuid;
        switch (request.What)
        {
            case MigrationRequested.ReadMaxDowntime:
                return new MigrationEvent.MaxDowntimeSeen(await host.GetMaxDowntimeAsync(vm, cancellationToken).ConfigureAwait(false));
            case MigrationRequested.SetMaxDowntime:
                await host.SetMaxDowntimeAsync(vm, request.MaxDowntime!.Value, cancellationToken).ConfigureAwait(false);
                break;
            case MigrationRequested.StartPostCopy:
                await host.StartPostCopyAsync(vm, cancellationToken).ConfigureAwait(false);
                break;
            case MigrationRequested.Suspend:
                await host.SuspendVmAsync(vm, cancellationToken).ConfigureAwait(false);
                break;
            case MigrationRequested.Abort:
                await host.AbortJobAsync(vm, cancellationToken).ConfigureAwait(false);
                break;
            case MigrationRequested.AbortPostCopy:
                await host.AbortPostCopyAsync(vm, cancellationToken).ConfigureAwait(false);
                break;
            case MigrationRequested.SetAutostart:
                await host.SetAutostartAsync(vm, isOn: true, cancellationToken).ConfigureAwait(false);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(request), request.What, "No host is asked for that.");
        }

        return new MigrationEvent.Done(request.What);
    }

    private CancellationTokenSource Deadline() => new(MigrationDeadlines.Look, time);

    private HostConnection Host(MigrationEnd end) => end == MigrationEnd.Destination ? plan.Destination : plan.Source;
}
