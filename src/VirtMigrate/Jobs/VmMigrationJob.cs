using System.Management.Automation;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Progress;
using VirtMigrate.Readiness;

namespace VirtMigrate.Jobs;

/// <summary>
/// One VM's migration as a PowerShell job. Its output is the VmMigrationResult. Stopping it aborts the migration and waits until
/// the VM has been seen on its source again.
/// </summary>
public sealed class VmMigrationJob : Job, IVmReference
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly MigrationRequest _request;
    private readonly ProgressTrail _trail = new();
    private MigrationPhase _phase = MigrationPhase.Queued;

    internal VmMigrationJob(MigrationRequest request, string command)
        : base(command, $"Migrate-{request.Vm.Name}")
    {
        _request = request;
        PSJobTypeName = "VmMigration";
    }

    /// <summary>The VM's name.</summary>
    public string Vm => _request.Vm.Name;

    /// <summary>The VM's UUID.</summary>
    public Guid Uuid => _request.Vm.Uuid;

    /// <summary>The host that the VM leaves.</summary>
    public VmHost Source => _request.Vm.VmHost;

    /// <summary>The host that the VM goes to.</summary>
    public VmHost? Destination => _request.Destination.Host;

    /// <summary>How much is done, 0 to 100. Never falls.</summary>
    public int PercentComplete { get; private set; }

    /// <summary>How the migration went; null until it has ended.</summary>
    public VmMigrationResult? Result { get; private set; }

    /// <summary>How the migration went until now, at moments that lie evenly and grow no more than a few hundred.</summary>
    public IReadOnlyList<MigrationSample> Samples => _trail.Samples;

    /// <inheritdoc/>
    public override string StatusMessage => Result?.Outcome.ToString() ?? _phase.ToString();

    /// <inheritdoc/>
    public override bool HasMoreData => Output.Count + Error.Count + Progress.Count + Verbose.Count + Information.Count + Warning.Count > 0;

    /// <inheritdoc/>
    public override string Location => Source.Name;

    string IVmReference.GetVmName() => Vm;

    VmHost IVmReference.GetLookupHost() => Result is { Verification.HasArrived: true } result ? result.Destination : Source;

    /// <summary>The work; ends when the job has ended, and never fails.</summary>
    internal Task Work { get; private set; } = Task.CompletedTask;

    /// <summary>Whether the migration goes on without this process.</summary>
    internal bool OutlivesProcess => _request.OutlivesProcess(_phase);

    /// <summary>Aborts the migration, or takes it off the queue, and waits until it has ended.</summary>
    public override void StopJob()
    {
        _stopping.Cancel();
        ((IAsyncResult)Work).AsyncWaitHandle.WaitOne();
    }

    /// <summary>Queues the work. From now on its hosts are in use.</summary>
    /// <param name="queue">The queue that it shares with the other jobs of its command.</param>
    internal void Start(MigrationQueue queue) => Work = RunAsync(queue);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && Work.IsCompleted)
        {
            _stopping.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task RunAsync(MigrationQueue queue)
    {
        // What the job says is written first: its state, set once and last, closes its streams.
        var state = JobState.Failed;
        try
        {
            state = await MigrateAsync(queue).ConfigureAwait(false);
        }
        catch (Exception e) when (ErrorRecordFactory.Knows(e))
        {
            Error.Add(ErrorRecordFactory.Create(e, _request.Vm));
        }
        catch (OperationCanceledException)
        {
            // Stopped, or the process is about to end.
            state = JobState.Stopped;
        }
        catch (Exception e)
        {
            // A defect. There is no pipeline to throw it into; the job's reader shall see it.
            Error.Add(new ErrorRecord(e, "UnexpectedError", ErrorCategory.NotSpecified, this));
            throw;
        }
        finally
        {
            SetJobState(state);
        }
    }

    private async Task<JobState> MigrateAsync(MigrationQueue queue)
    {
        using var writer = new MigrationProgressWriter(MigrationProgressWriter.Describe(_request), parent: null, Progress.Add);
        var listener = new DecisionWriter(new Listener(this, writer), text => Verbose.Add(new VerboseRecord(text)), Information.Add);
        var report = await queue.RunAsync(_request, listener, _stopping.Token).ConfigureAwait(false);
        Result = report.Result;
        foreach (var warning in report.Result.Warnings)
        {
            Warning.Add(new WarningRecord(warning));
        }

        Output.Add(PSObject.AsPSObject(report.Result));
        if (report.Failure is not { } failure)
        {
            PercentComplete = 100;
            return JobState.Completed;
        }

        if (_stopping.IsCancellationRequested && report.Result.Outcome == MigrationOutcome.RolledBack)
        {
            return JobState.Stopped;
        }

        Error.Add(ErrorRecordFactory.Create(failure, _request.Vm));
        return JobState.Failed;
    }

    private void Take(MigrationProgress progress)
    {
        if (_phase == MigrationPhase.Queued && progress.Phase != MigrationPhase.Queued)
        {
            SetJobState(JobState.Running);
        }

        _phase = progress.Phase;
        _trail.Add(progress);

        // The engine counts a migration that was aborted as 100 % over; it is not 100 % done.
        if (progress.Phase != MigrationPhase.Ended)
        {
            PercentComplete = progress.PercentComplete;
        }
    }

    private sealed class Listener(VmMigrationJob job, MigrationProgressWriter writer) : IProgress<MigrationProgress>
    {
        public void Report(MigrationProgress value)
        {
            job.Take(value);
            writer.Report(value);
        }
    }
}

/// <summary>
/// What a migration reported while it ran. It stays small however long that is: when it is full, every other moment is dropped, and
/// from then on moments are kept half as often.
/// </summary>
internal sealed class ProgressTrail
{
    private const int Capacity = 240;

    private readonly object _lock = new();
    private readonly List<MigrationSample> _samples = [];
    private TimeSpan _interval;

    /// <summary>The moments until now.</summary>
    public IReadOnlyList<MigrationSample> Samples
    {
        get
        {
            lock (_lock)
            {
                return [.. _samples];
            }
        }
    }

    /// <summary>Keeps a report, if it tells what crossed and is not too close to the last.</summary>
    /// <param name="progress">The report.</param>
    public void Add(MigrationProgress progress)
    {
        if (progress is not { Transferred: { } transferred, Remaining: { } remaining })
        {
            return;
        }

        lock (_lock)
        {
            if (_samples.Count > 0 && progress.Elapsed - _samples[^1].Elapsed <= _interval)
            {
                return;
            }

            if (_samples.Count == Capacity)
            {
                _interval = (_samples[^1].Elapsed - _samples[0].Elapsed) * 2 / Capacity;
                var kept = _samples.Where((_, i) => i % 2 == 0).ToArray();
                _samples.Clear();
                _samples.AddRange(kept);
            }

            _samples.Add(new()
            {
                Elapsed = progress.Elapsed,
                Iteration = progress.Iteration,
                Remaining = remaining,
                Transferred = transferred,
                Rate = progress.Rate,
                ImpliedDowntime = progress.ImpliedDowntime,
            });
        }
    }
}

/// <summary>The migration jobs of one session.</summary>
/// <param name="registry">The session's migrations.</param>
internal sealed class VmMigrationJobs(MigrationRegistry registry)
{
    private readonly object _lock = new();
    private readonly List<VmMigrationJob> _running = [];

    /// <summary>Makes jobs and starts them.</summary>
    /// <param name="requests">The migrations, one a job.</param>
    /// <param name="throttleLimit">How many of them run at once.</param>
    /// <param name="gate">Checks each VM before it begins.</param>
    /// <param name="repository">The session's job list.</param>
    /// <param name="command">The command line that they come from.</param>
    /// <returns>The jobs.</returns>
    public IReadOnlyList<VmMigrationJob> Start(
        IEnumerable<MigrationRequest> requests, int throttleLimit, ReadinessGate gate, JobRepository repository, string command)
    {
        var queue = new MigrationQueue(registry, throttleLimit, gate.EnterAsync);
        var jobs = requests.Select(r => new VmMigrationJob(r, command)).ToList();

        // A job that is listed before it works can't end unseen.
        jobs.ForEach(repository.Add);
        lock (_lock)
        {
            _running.AddRange(jobs);
        }

        jobs.ForEach(job => job.Start(queue));
        _ = ForgetAsync(jobs);
        return jobs;
    }

    /// <summary>Finds the job that migrates a VM.</summary>
    /// <param name="vm">The VM's UUID.</param>
    /// <returns>The job; null where this session has none that runs.</returns>
    public VmMigrationJob? Find(Guid vm)
    {
        lock (_lock)
        {
            return _running.FirstOrDefault(j => j.Uuid == vm && !j.Work.IsCompleted);
        }
    }

    /// <summary>Stops every job that would not go on without the session, and waits for the end.</summary>
    public void StopAll()
    {
        VmMigrationJob[] jobs;
        lock (_lock)
        {
            jobs = [.. _running.Where(j => !j.OutlivesProcess && !j.Work.IsCompleted)];
        }

        System.Threading.Tasks.Parallel.ForEach(jobs, j => j.StopJob());
    }

    private async Task ForgetAsync(List<VmMigrationJob> jobs)
    {
        await Task.WhenAll(jobs.Select(j => j.Work.ContinueWith(_ => { }, TaskScheduler.Default))).ConfigureAwait(false);
        lock (_lock)
        {
            _running.RemoveAll(jobs.Contains);
        }
    }
}
