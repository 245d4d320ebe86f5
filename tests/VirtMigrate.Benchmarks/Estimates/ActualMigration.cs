using System.Management.Automation;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>How a migration went.</summary>
/// <param name="Ended">Whether it ended by itself; else it was aborted after <see cref="Duration"/>.</param>
/// <param name="Duration">From the begin to the verified outcome, as a result has it.</param>
/// <param name="Job">The time of libvirt's job, without the checks before and the verification after it.</param>
/// <param name="Transferred">Bytes that crossed.</param>
/// <param name="Downtime">The guest's standstill.</param>
/// <param name="Written">What the guest itself said that it wrote meanwhile, in bytes per second.</param>
internal sealed record ActualMigration(bool Ended, TimeSpan Duration, TimeSpan Job, long Transferred, TimeSpan Downtime, double Written)
{
    /// <summary>Reads how a migration with a time limit went.</summary>
    /// <param name="result">What Start-VmMigration gave.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="written">What the guest wrote meanwhile, in bytes per second.</param>
    /// <returns>How it went.</returns>
    /// <exception cref="BenchmarkException">It neither ended nor ran into the limit.</exception>
    public static ActualMigration Read(PSObject result, TimeSpan limit, double written) => (result.Text("Outcome"), result.Text("ErrorId")) switch
    {
        ("Completed", _) when result.Get("Duration") is TimeSpan duration && result.Get("Statistics.Elapsed") is TimeSpan job &&
            result.Get("SwitchoverDowntime") is TimeSpan downtime => new(true, duration, job, result.Number("Transferred"), downtime, written),
        ("RolledBack", "MigrationTimedOut") => new(false, limit, limit, 0, TimeSpan.Zero, written),
        var (outcome, _) => throw new BenchmarkException($"{outcome}: {result.Text("Error")}"),
    };
}
