using VirtMigrate.Planning;

namespace VirtMigrate.Migration;

/// <summary>
/// Carries out what the machine of one migration wants done, on two hosts (<see cref="MigrationHosts"/>), and tells it what happened. It decides
/// nothing. The machine is fed by one thread at a time, which the time provider's timers give.
/// </summary>
internal sealed class MigrationDriver : IDisposable
{
    private readonly MigrationPlan _plan;
    private readonly MigrationMachine _machine;
    private readonly MigrationHosts _hosts;
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

    // Its continuation runs where the machine is fed, which is no thread that anybody else waits for.
    private readonly TaskCompletionSource<MigrationConclusion> _concluded = new();
    private bool _isPumping;
    private bool _isDefective;

    private MigrationDriver(MigrationPlan plan, IProgress<MigrationProgress>? progress, TimeProvider time, MigrationStepRecorder? record)
    {
        _plan = plan;
        _progress = progress;
        _trace = record is null ? MigrationTrace.Open(plan) : null;
        _record = record ?? (_trace is null ? null : _trace.Write);
        _time = time;
        _machine = new(plan, plan.OutlivesClient);
        _hosts = new(plan, time, Post);
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
                _ = _hosts.CallAsync();
                break;
            case MigrationCommand.GiveUpCall:
                _hosts.GiveUpCall();
                break;
            case MigrationCommand.Listen { End: var end }:
                _ = _hosts.ListenAsync(end);
                break;
            case MigrationCommand.ReadJob:
                _ = _hosts.ReadJobAsync();
                break;
            case MigrationCommand.LookAt { End: var end }:
                _ = _hosts.LookAsync(end);
                break;
            case MigrationCommand.ReadCompleted { End: var end }:
                _ = _hosts.ReadCompletedAsync(end);
                break;
            case MigrationCommand.ReadDefinition { End: var end }:
                _ = _hosts.ReadDefinitionAsync(end);
                break;
            case MigrationCommand.Request request:
                _ = _hosts.RequestAsync(request);
                break;
            case MigrationCommand.Reopen:
                _ = _hosts.ReopenAsync();
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
                _hosts.StopListening();
                _concluded.TrySetResult(conclusion);
                break;
            case MigrationCommand.Leave:
                Dispose();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(command), command, "The machine wants something that is not known.");
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
        _hosts.Dispose();
        _pump.Dispose();
        foreach (var timer in _timers.Values)
        {
            timer.Dispose();
        }

        _timers.Clear();
    }
}
