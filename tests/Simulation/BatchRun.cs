using VirtMigrate.Failures;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>What came of one run of a batch.</summary>
internal sealed record BatchResult(BatchScenario Scenario, IReadOnlyList<Violation> Violations, IReadOnlyList<string> Trace)
{
    /// <summary>The outcomes of those that began, and the exceptions' types of those that did not.</summary>
    public required IReadOnlyList<string> Outcomes { get; init; }

    public long Steps { get; init; }
}

/// <summary>Runs the module's own registry, queue and driver through one scenario, on the caller's thread.</summary>
internal sealed class BatchRun : IDisposable
{
    // A user who sees nothing happen stops it.
    private static readonly TimeSpan UserPatience = TimeSpan.FromMinutes(60);
    private static readonly TimeSpan Aftermath = TimeSpan.FromHours(1);
    // Timers count whole milliseconds.
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(1);
    private readonly BatchScenario _scenario;
    private readonly SimulatedTime _time;
    private readonly SimulationTrace? _trace;
    private readonly MigrationRegistry _registry;
    private readonly List<BatchMember> _members = [];
    private readonly List<Violation> _violations = [];
    private readonly CancellationTokenSource _stopAll = new();
    private readonly CancellationTokenSource _failed = new();
    private TimeSpan? _endedAt;
    private TimeSpan? _idleSince;
    private Task? _ending;

    private BatchRun(BatchScenario scenario, bool isTraced)
    {
        _scenario = scenario;
        _time = new(new SimulatedRandom(scenario.Seed * 31));
        _trace = isTraced ? new(_time) : null;
        _registry = new(_time);
        _trace?.Add("run", "scenario", scenario.ToString());
    }

    public static BatchResult Run(ulong seed, bool isTraced = false) => Run(BatchScenario.Draw(seed), isTraced);

    public static BatchResult Run(BatchScenario scenario, bool isTraced = false)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            using var run = new BatchRun(scenario, isTraced);
            return run.Run();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    public void Dispose()
    {
        _members.ForEach(m => m.Dispose());
        _stopAll.Dispose();
        _failed.Dispose();
    }

    private BatchResult Run()
    {
        var queue = new MigrationQueue(_registry, _scenario.ThrottleLimit, CheckAsync);
        for (var i = 0; i < _scenario.Vms.Count; i++)
        {
            _members.Add(new(_scenario.Vms[i], _time, i + 1, _trace));
        }

        _time.AfterStep += CheckThrottle;
        foreach (var member in _members)
        {
            _time.Schedule(member.Vm.AskedAt, () => Ask(member, queue));
        }

        if (_scenario.StopAllAt is { } stop)
        {
            _time.Schedule(stop, StopAll);
        }

        if (_scenario.EndAt is { } end)
        {
            _time.Schedule(end, End);
        }

        if (!_time.Run(HasEnded, UserPatience))
        {
            // Whoever lost patience was not to wait for a turn that nobody else has.
            Check(Invariant.PlacesAreGiven, _idleSince is null, "a VM waits for ever, though another may run");
            StopAll();
            _time.Run(HasEnded, UserPatience);
        }

        foreach (var member in _members)
        {
            Check(Invariant.RequestIsAnswered, member.IsAnswered, $"{member.World.Name}: its request has neither a result nor an error");
        }

        Check(Invariant.EntryGoes, _registry.Current.Count == 0, "the registry still has a migration, though all requests are answered");
        Check(Invariant.EndWaits, _ending is null or { IsCompletedSuccessfully: true }, "the session's end never came");
        _time.RunUntilQuiet(Aftermath);
        _members.ForEach(m => m.AtQuiet());
        foreach (var member in _members)
        {
            _violations.AddRange(member.Violations);
            Check(Invariant.NothingBeginsAfterTheEnd, _endedAt is null || !member.World.Calls.Exists(c => c.Made > _endedAt), $"{member.World.Name}: its call was made after the session's end had begun");
        }

        _violations.ForEach(v => _trace?.Add("run", "VIOLATION", $"{v.Invariant}: {v.Sentence}"));
        return new(_scenario, _violations, _trace?.Lines ?? []) { Outcomes = [.. _members.Select(m => m.Outcome)], Steps = _time.Steps };
    }

    private bool HasEnded() => _members.TrueForAll(static m => m.IsAnswered) && _ending is null or { IsCompleted: true } && (_scenario.EndAt is null || _ending is not null);

    private void Ask(BatchMember member, MigrationQueue queue)
    {
        member.Ask(queue, OnFailure, _stopAll.Token, _failed.Token);
        if (_endedAt is not null)
        {
            Check(Invariant.NothingBeginsAfterTheEnd, member.Failure is OperationCanceledException, $"{member.World.Name}: was taken after the session's end had begun");
        }

        if (member.Vm.IsAskedTwice && !member.IsAnswered)
        {
            var again = queue.RunAsync(member.Request, null, CancellationToken.None);
            Check(Invariant.RequestIsAnswered, again is { IsFaulted: true, Exception.InnerException: MigrationException { Failure.Id: "VmAlreadyMigrating" } }, $"{member.World.Name}: was taken twice");
        }
    }

    private void OnFailure()
    {
        if (_scenario.StopsAtFailure)
        {
            _failed.Cancel();
        }
    }

    private async Task<Readiness.ReadinessAdmission> CheckAsync(MigrationRequest request, CancellationToken cancellationToken)
    {
        var member = _members.Find(m => m.World.Uuid == request.Vm.Uuid)!;
        await _time.DelayAsync(member.Vm.CheckTime, cancellationToken).ConfigureAwait(false);
        return member.Pass(request);
    }

    private void StopAll()
    {
        if (!_stopAll.IsCancellationRequested)
        {
            _trace?.Add("here", "user", "stops all");
            _members.ForEach(m => m.NoteStop());
            _stopAll.Cancel();
        }
    }

    private void End()
    {
        _trace?.Add("here", "session", "ends");
        _endedAt = _time.Now;
        BatchMember[] driven = [.. _members.Where(m => _registry.Current.Any(e => e.Request.Vm.Uuid == m.World.Uuid && !e.Request.OutlivesProcess(e.Progress.Phase)))];
        foreach (var member in driven)
        {
            member.NoteStop();
        }

        _ending = FollowEndAsync(driven);
    }

    private async Task FollowEndAsync(BatchMember[] driven)
    {
        await _registry.EndAsync(_scenario.EndLimit).ConfigureAwait(false);
        _trace?.Add("here", "session", "has ended");
        var waited = _time.Now - _endedAt!.Value;
        var limit = _scenario.EndLimit ?? MigrationDeadlines.SessionEnd;
        Check(Invariant.EndWaits, waited <= limit + Slack, $"the end came {waited.TotalSeconds:0} s later, its limit is {limit.TotalSeconds:0} s");
        foreach (var member in waited < limit - Millisecond ? driven : [])
        {
            Check(Invariant.EndWaits, !_registry.Current.Any(e => e.Request.Vm.Uuid == member.World.Uuid), $"the end did not wait for {member.World.Name}");
        }
    }

    private void CheckThrottle()
    {
        var running = 0;
        var isWaiting = false;
        foreach (var member in _members)
        {
            running += member.IsAdmitted && !member.IsAnswered ? 1 : 0;
            isWaiting |= member.IsWaiting;
        }

        _idleSince = isWaiting && running < _scenario.ThrottleLimit ? _idleSince ?? _time.Now : null;
        if (_time.Now - _idleSince > Slack)
        {
            Add(new(Invariant.PlacesAreGiven, "a VM waits for its turn, though another may run"));
        }

        if (running > _scenario.ThrottleLimit)
        {
            Add(new(Invariant.ThrottleHolds, $"{running} migrations ran at once"));
        }
    }

    private void Check(Invariant invariant, bool holds, string sentence)
    {
        if (!holds)
        {
            Add(new(invariant, sentence));
        }
    }

    private void Add(Violation violation)
    {
        if (!_violations.Contains(violation))
        {
            _violations.Add(violation);
        }
    }
}
