using VirtMigrate.Migration;
using VirtMigrate.Model;

namespace VirtMigrate.Readiness;

/// <summary>The leave of one VM to begin its migration; given back when that has ended.</summary>
/// <param name="gate">The gate that gave it.</param>
/// <param name="request">The migration.</param>
/// <param name="readiness">What was found before it began.</param>
public sealed class ReadinessPass(ReadinessGate gate, MigrationRequest request, VmMigrationReadiness readiness) : IDisposable
{
    /// <summary>
    /// What has to be said with the result: what the checks that protect data found, and checks that broke.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; } =
    [
        .. readiness.Checks.Where(c => c is { ProtectsData: true, Status: ReadinessStatus.Warning }).Select(c => c.Message),
        .. readiness.Checks.Where(c => c.Defect is not null).Select(c => c.ToString()),
    ];

    /// <summary>Whether the VM has arrived, and keeps what it takes of the destination.</summary>
    public bool HasArrived { get; set; }

    /// <summary>Gives it back.</summary>
    public void Dispose() => gate.Leave(request, HasArrived);
}
