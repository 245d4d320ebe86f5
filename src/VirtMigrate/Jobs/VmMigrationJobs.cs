using System.Management.Automation;
using VirtMigrate.Migration;
using VirtMigrate.Planning;
using VirtMigrate.Readiness;

namespace VirtMigrate.Jobs;

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
        var queue = new MigrationQueue(registry, throttleLimit, gate);
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
