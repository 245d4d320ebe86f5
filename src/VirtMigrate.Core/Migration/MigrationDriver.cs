using VirtMigrate.Hypervisor;
using VirtMigrate.Model;

namespace VirtMigrate.Migration;

/// <summary>
/// Carries out what the machine of one migration wants done, on two hosts, and tells it what happened. It decides nothing. The machine is fed by
/// one thread at a time, which the time provider's timers give.
/// </summary>
internal sealed class MigrationDriver : IDisposable
{
    private readonly MigrationPlan _plan;
    private readonly MigrationMachine _machine;
    private readonly IProgress<MigrationProgress>? _progress;
    private readonly MigrationTrace? _trace;
    private readonly MigrationStepRecorder? _record;
    private readonly TimeProvider _time;
    private readonly long _begun;
    private readonly DateTimeOffset _startTime;
    private readonly ITimer _pump;
    private readonly object _lock = new();
    private readonly Queue<MigrationEvent> _events = [];
    private readonly Dictionary<MigrationTimer, ITimer> _timers = [];
    private readonly Dictionary<MigrationEnd, (IHypervisor Hypervisor, IDisposable Subscription)> _subscriptions = [];
    private readonly CancellationTokenSource _givingUp = new();

    // Its continuation runs where the machine is fed, which is no thread that anybody else waits for.
    private readonly TaskCompletionSource<MigrationConclusion> _concluded = new();
    private bool _isPumping;
    private bool _isDeaf;
    private bool _isDefective;

    private MigrationDriver(MigrationPlan plan, IProgress<MigrationProgress>? progress, TimeProvider time, MigrationStepRecorder? record)
    {
        _plan = plan;
        _progress = progress;
        _trace = record is null ? MigrationTrace.Open(plan) : null;
        _record = record ?? (_trace is null ? null : _trace.Write);
        _time = time;
        _machine = new(plan, plan.OutlivesClient);
        (_begun, _startTime) = (time.GetTimestamp(), time.GetLocalNow());
        _pump = time.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Carries out a plan: moves the VM, watches, ends it when asked, and looks up on both hosts what has become of it.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Hears how it goes; called from any thread.</param>
    /// <param name="time">What tells the time.</param>
    /// <param name="cancellationToken">Ends the migration; the task still ends only when the VM has been looked up.</param>
    /// <param name="record">Keeps what goes in and comes out of the machine, and never fails; null for what the environment asks for.</param>
    /// <returns>What became of the VM, and why it did not move. The task never fails.</returns>
    public static async Task<MigrationReport> RunAsync(
        MigrationPlan plan, IProgress<MigrationProgress>? progress, TimeProvider time, CancellationToken cancellationToken, MigrationStepRecorder? record = null)
    {
        var driver = new MigrationDriver(plan, progress, time, record);
        var conclusion = await driver.RunAsync(cancellationToken).ConfigureAwait(false);
        return MigrationReport.Of(plan, driver._startTime, conclusion, driver._machine.Record);
    }

    /// <summary>Follows, and steers, a migration that somebody else started.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Hears how it goes; called from any thread.</param>
    /// <param name="time">What tells the time.</param>
    /// <param name="cancellationToken">Stops following; the migration goes on.</param>
    /// <param name="record">Keeps what goes in and comes out of the machine, and never fails; null for what the environment asks for.</param>
    /// <returns>How it ended, or where it was when nobody wanted to follow any more. The task never fails.</returns>
    public static async Task<MigrationConclusion> FollowAsync(
        MigrationPlan plan, IProgress<MigrationProgress>? progress, TimeProvider time, CancellationToken cancellationToken, MigrationStepRecorder? record = null) =>
        await new MigrationDriver(plan, progress, time, record).RunAsync(cancellationToken).ConfigureAwait(false);

    private async Task<MigrationConclusion> RunAsync(CancellationToken cancellationToken)
    {
        Post(new MigrationEvent.Begun());
        using var stopping = cancellationToken.Register(() => Post(new MigrationEvent.StopRequested()));
        var conclusion = await _concluded.Task.ConfigureAwait(false);
        if (_trace is not null)
        {
            await _trace.WaitUntilWrittenAsync().ConfigureAwait(false);
        }

        return conclusion;
    }

    private void Post(MigrationEvent happened)
    {
        lock (_lock)
        {
            _events.Enqueue(happened);
            if (_isPumping)
            {
                return;
            }

            _isPumping = true;
        }

        _pump.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private void Pump()
    {
        while (true)
        {
            MigrationEvent happened;
            lock (_lock)
            {
                if (!_events.TryDequeue(out happened!))
                {
                    _isPumping = false;
                    return;
                }
            }

            Step(happened);
        }
    }

    // A result is never lost: a defect of the machine leads to the verdict, and one on the way there to a result that says so.
    private void Step(MigrationEvent happened)
    {
        try
        {
            foreach (var command in Tell(happened))
            {
                CarryOut(command);
            }
        }
        catch (Exception e) when (!_isDefective)
        {
            _isDefective = true;
            Post(new MigrationEvent.Defect(e));
        }
        catch (Exception e)
        {
            _concluded.TrySetResult(MigrationConclusion.OfDefect(_plan, _machine, e));
        }
    }

    private IReadOnlyList<MigrationCommand> Tell(MigrationEvent happened)
    {
        var now = _time.GetElapsedTime(_begun);
        IReadOnlyList<MigrationCommand>? commands = null;
        try
        {
            return commands = _machine.Step(happened, now);
        }
        finally
        {
            _record?.Invoke(now, happened, commands);
        }
    }

    private void CarryOut(MigrationCommand command)
    {
        switch (command)
        {
            case MigrationCommand.Call:
                _ = CallAsync();
                break;
            case MigrationCommand.GiveUpCall:
                _givingUp.Cancel();
                break;
            case MigrationCommand.Listen { End: var end }:
                _ = ListenAsync(end);
                break;
            case MigrationCommand.ReadJob:
                _ = ReadJobAsync();
                break;
            case MigrationCommand.LookAt { End: var end }:
                _ = LookAsync(end);
                break;
            case MigrationCommand.ReadCompleted { End: var end }:
                _ = ReadCompletedAsync(end);
                break;
            case MigrationCommand.ReadDefinition { End: var end }:
                _ = ReadDefinitionAsync(end);
                break;
            case MigrationCommand.Request request:
                _ = RequestAsync(request);
                break;
            case MigrationCommand.Reopen:
                _ = ReopenAsync();
                break;
            case MigrationCommand.Arm { Timer: var timer, After: var after }:
                Arm(timer, after);
                break;
            case MigrationCommand.Disarm { Timer: var timer }:
                Disarm(timer);
                break;
            case MigrationCommand.Report { Progress: var progress }:
                Report(progress);
                break;
            case MigrationCommand.Conclude { Conclusion: var conclusion }:
                StopListening();
                _concluded.TrySetResult(conclusion);
                break;
            case MigrationCommand.Leave:
                Dispose();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(command), command, "The machine wants something that is not known.");
        }
    }

    private async Task CallAsync()
    {
        var wasMade = false;
        try
        {
            var source = await _plan.Source.GetAsync(_givingUp.Token).ConfigureAwait(false);
            var destination = await _plan.Destination.GetAsync(_givingUp.Token).ConfigureAwait(false);
            wasMade = true;
            await source.MigrateAsync(_plan.Vm.Uuid, destination, _plan.Options, _givingUp.Token).ConfigureAwait(false);
            Post(new MigrationEvent.CallReturned());
        }
        catch (Exception e)
        {
            Post(new MigrationEvent.CallFailed(e, wasMade));
        }
    }

    // Also again where the connection was opened anew. A listener that comes when nobody listens any more is let go.
    private async Task ListenAsync(MigrationEnd end)
    {
        try
        {
            using var deadline = Deadline();
            var hypervisor = await Host(end).GetAsync(deadline.Token).ConfigureAwait(false);
            if (!IsListeningTo(end, hypervisor))
            {
                var subscription = await hypervisor.SubscribeAsync(_plan.Vm.Uuid, told => Post(new MigrationEvent.Heard(end, told)), deadline.Token).ConfigureAwait(false);
                Keep(end, hypervisor, subscription);
            }
        }
        catch (Exception)
        {
            // What is asked of the host next says why it can't be reached; its VMs are watched by looks alone.
        }

        Post(new MigrationEvent.Listening(end));
    }

    private bool IsListeningTo(MigrationEnd end, IHypervisor hypervisor)
    {
        lock (_lock)
        {
            return _isDeaf || (_subscriptions.TryGetValue(end, out var present) && ReferenceEquals(present.Hypervisor, hypervisor));
        }
    }

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

    private void StopListening()
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

    private async Task ReadJobAsync()
    {
        if (!_plan.Destination.IsAlive)
        {
            Post(new MigrationEvent.DestinationClosed());
        }

        try
        {
            using var deadline = Deadline();
            var reading = await _plan.Source.ReadAsync(h => h.GetJobAsync(_plan.Vm.Uuid, deadline.Token), deadline.Token).ConfigureAwait(false);
            await ListenAnewAsync().ConfigureAwait(false);
            Post(new MigrationEvent.JobSeen(reading));
        }
        catch (VmNotFoundException)
        {
            Post(new MigrationEvent.JobSeen(null));
        }
        catch (Exception e)
        {
            Post(new MigrationEvent.JobUnseen(e));
        }
    }

    // The source's connection may have been opened anew for the reading.
    private async Task ListenAnewAsync()
    {
        if (_plan.Source.IsAlive && await _plan.Source.GetAsync(CancellationToken.None).ConfigureAwait(false) is var hypervisor &&
            !IsListeningTo(MigrationEnd.Source, hypervisor))
        {
            _ = ListenAsync(MigrationEnd.Source);
        }
    }

    private async Task LookAsync(MigrationEnd end)
    {
        var host = Host(end);
        VmInstance instance;
        try
        {
            instance = await MigrationVerifier.LookAsync(_plan.Vm.Uuid, host, MigrationDeadlines.Look, _time, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            instance = new() { VmHost = host.Host ?? VmHost.Unreached(host.Address), Error = e.Message };
        }

        Post(new MigrationEvent.InstanceSeen(end, instance));
    }

    private async Task ReadCompletedAsync(MigrationEnd end)
    {
        JobStatistics? statistics = null;
        try
        {
            using var deadline = Deadline();
            statistics = await Host(end).ReadAsync(h => h.GetCompletedJobAsync(_plan.Vm.Uuid, deadline.Token), deadline.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // A host that does not know the VM, or can't be asked, has no statistics to give.
        }

        Post(new MigrationEvent.CompletedSeen(end, statistics));
    }

    private async Task ReadDefinitionAsync(MigrationEnd end)
    {
        MigrationEvent seen = new MigrationEvent.DefinitionSeen(end, null, IsKnown: false);
        try
        {
            using var deadline = Deadline();
            var definition = await Host(end).ReadAsync(h => h.GetDefinitionAsync(_plan.Vm.Uuid, deadline.Token), deadline.Token).ConfigureAwait(false);
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

        Post(seen);
    }

    private async Task RequestAsync(MigrationCommand.Request request)
    {
        try
        {
            using var deadline = Deadline();
            var host = request.What == MigrationRequested.SetAutostart ? _plan.Destination : _plan.Source;
            var hypervisor = await host.GetAsync(deadline.Token).ConfigureAwait(false);
            Post(await RequestAsync(request, hypervisor, deadline.Token).WaitAsync(deadline.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            Post(new MigrationEvent.Refused(request.What, new TimeoutException($"no answer within {MigrationDeadlines.Look.TotalSeconds:0} s")));
        }
        catch (Exception e)
        {
            Post(new MigrationEvent.Refused(request.What, e));
        }
    }

    private async Task<MigrationEvent> RequestAsync(MigrationCommand.Request request, IHypervisor host, CancellationToken cancellationToken)
    {
        var vm = _plan.Vm.Uuid;
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

    private async Task ReopenAsync()
    {
        try
        {
            using var deadline = Deadline();
            await _plan.Destination.GetAsync(deadline.Token).ConfigureAwait(false);
            Post(new MigrationEvent.DestinationReopened());
        }
        catch (Exception)
        {
            Post(new MigrationEvent.DestinationUnreachable());
        }
    }

    private void Arm(MigrationTimer timer, TimeSpan after)
    {
        if (!_timers.TryGetValue(timer, out var armed))
        {
            armed = _timers[timer] = _time.CreateTimer(_ => Post(new MigrationEvent.Elapsed(timer)), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        armed.Change(after, Timeout.InfiniteTimeSpan);
    }

    private void Disarm(MigrationTimer timer)
    {
        if (_timers.TryGetValue(timer, out var armed))
        {
            armed.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void Report(MigrationProgress progress)
    {
        try
        {
            _progress?.Report(progress);
        }
        catch (Exception)
        {
            // Who listens and fails is no reason to lose a migration.
        }
    }

    /// <summary>Lets go of timers and listeners, when nothing is left to do.</summary>
    public void Dispose()
    {
        _givingUp.Dispose();
        _pump.Dispose();
        StopListening();
        foreach (var timer in _timers.Values)
        {
            timer.Dispose();
        }

        _timers.Clear();
    }

    private CancellationTokenSource Deadline() => new(MigrationDeadlines.Look, _time);

    private HostConnection Host(MigrationEnd end) => end == MigrationEnd.Destination ? _plan.Destination : _plan.Source;
}
