using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate.Simulation;

/// <summary>One VM of a batch, in a world of its own, and what came of its request.</summary>
internal sealed class BatchMember : IProgress<MigrationProgress>, IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ReadinessGate _gate;
    private readonly MemoryLimits _before;
    private readonly List<Violation> _violations = [];
    private Invariants? _invariants;
    private MigrationReport? _report;
    private TimeSpan? _stoppedAt;
    private bool _hasBegun;
    private bool _isAsked;

    public BatchMember(BatchVm vm, SimulatedTime time, int number, SimulationTrace? trace)
    {
        Vm = vm;
        World = new(vm.Scenario, time, number) { Trace = trace?.Of($"vm{number}") };
        World.Trace?.Add("run", "scenario", vm.Scenario.ToString());
        var transport = new SimulatedTransport(World);
        _gate = new(new HostConnections(_ => transport), []);
        _before = new(World.Source.Domain!.MaxDowntime, World.Source.Domain.Bandwidth);
        var source = new HostConnection(transport, World.Source.Address, credential: null, time);
        var destination = new HostConnection(transport, World.Destination.Address, credential: null, time);
        var looking = LookAsync(source, destination);
        time.Run(() => looking.IsCompleted, TimeSpan.FromMinutes(1));
        Request = new()
        {
            Vm = looking.Result!,
            Source = source,
            Destination = destination,
            Options = vm.Scenario.Options.With(vm.Scenario.Limits),
            Policy = vm.Scenario.Policy,
        };
    }

    public BatchVm Vm { get; }

    public SimulatedWorld World { get; }

    public MigrationRequest Request { get; }

    public Exception? Failure { get; private set; }

    public bool IsAnswered => _report is not null || Failure is not null;

    /// <summary>Whether its turn has come.</summary>
    public bool IsAdmitted { get; private set; }

    /// <summary>Whether it waits for its turn.</summary>
    public bool IsWaiting => _isAsked && !IsAdmitted && !IsAnswered;

    public string Outcome => _report?.Result.Outcome.ToString() ?? (Failure as FailureException)?.Failure.Id ?? Failure?.GetType().Name ?? "none";

    public IReadOnlyList<Violation> Violations => [.. _violations, .. _invariants?.Violations ?? []];

    /// <summary>Asks the queue for its migration, as a command or a job does.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="onFailure">Is told that it did not complete.</param>
    /// <param name="stopAll">The user's stop of all.</param>
    /// <param name="begin">Lets none begin any more.</param>
    public void Ask(MigrationQueue queue, Action onFailure, CancellationToken stopAll, CancellationToken begin)
    {
        World.Trace?.Add("here", "request", "is made");
        _isAsked = true;
        if (Vm.HasEarlyFaults)
        {
            World.Faults.Reach(FaultPoint.Start);
        }

        if (Vm.Scenario.StopAt is { } at)
        {
            World.Time.Schedule(at, () =>
            {
                World.Trace?.Add("here", "user", "stops it");
                NoteStop();
                _stop.Cancel();
            });
        }

        _ = FollowAsync(queue, onFailure, stopAll, begin);
    }

    /// <summary>Lets the VM through the gate, or finds something against it.</summary>
    public ReadinessAdmission Pass(MigrationRequest request)
    {
        var readiness = new VmMigrationReadiness
        {
            Vm = request.Vm.Name,
            Uuid = request.Vm.Uuid,
            Source = World.Source.Description,
            Destination = World.Destination.Description,
            Checks = [],
            Time = World.Time.GetUtcNow(),
        };
        return Vm.IsNotReady ? throw new VmNotReadyException(readiness) : new(_gate, request, readiness);
    }

    /// <summary>A stop of any kind reaches it.</summary>
    public void NoteStop()
    {
        if (_stoppedAt is null && !IsAnswered)
        {
            _stoppedAt = World.Time.Now;
            World.Truth.NoteStop();
        }
    }

    public void Report(MigrationProgress value)
    {
        World.Time.CheckThread("progress");
        IsAdmitted |= value.Phase != MigrationPhase.Queued;
        if (!_hasBegun && value.Phase is not (MigrationPhase.Queued or MigrationPhase.Checking))
        {
            _hasBegun = true;
            if (!Vm.HasEarlyFaults)
            {
                World.Faults.Reach(FaultPoint.Start);
            }
        }
    }

    /// <summary>The world is quiet.</summary>
    public void AtQuiet()
    {
        _invariants?.AtQuiet(_report, _before);
        World.Trace?.Add("run", "end", $"{World.Source.Name}: {Half.Of(World.Source)}; {World.Destination.Name}: {Half.Of(World.Destination)}");
    }

    public void Dispose() => _stop.Dispose();

    private async Task<Vm?> LookAsync(HostConnection source, HostConnection destination)
    {
        await destination.GetAsync(CancellationToken.None).ConfigureAwait(false);
        return await source.ReadAsync(h => h.FindVmAsync(World.Uuid, CancellationToken.None), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task FollowAsync(MigrationQueue queue, Action onFailure, CancellationToken stopAll, CancellationToken begin)
    {
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stopAll, _stop.Token);
        try
        {
            var report = await queue.RunAsync(Request, this, stopping.Token, begin).ConfigureAwait(false);
            World.Trace?.Add("here", "verdict", $"{report.Result.Outcome}: {report.Result.Verification.Message}");
            _invariants = new(World, begunAt: TimeSpan.Zero, _stoppedAt, knewBothHosts: true);
            _invariants.AtVerdict(report);
            _report = report;
        }
        catch (Exception e)
        {
            World.Trace?.Add("here", "error", $"{e.GetType().Name}: {e.Message}");
            CheckFailure(e);
            Failure = e;
        }

        if (_report is not { Failure: null })
        {
            onFailure();
        }
    }

    // Who gets an error instead of a result may rely on it that nothing has moved.
    private void CheckFailure(Exception failure)
    {
        if (failure is not (OperationCanceledException or MigrationException or HypervisorException))
        {
            _violations.Add(new(Invariant.ResultIsKept, $"{World.Name}: no result, but {failure.GetType().Name}: {failure.Message}"));
        }

        if (World.Calls.Count > 0)
        {
            _violations.Add(new(Invariant.ResultIsKept, $"{World.Name}: an error instead of a result, though its call was made: {failure.GetType().Name}"));
        }
    }
}
