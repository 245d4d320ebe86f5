using VirtMigrate.Migration;

namespace VirtMigrate.Readiness;

/// <summary>The leave of one VM to begin its migration; given back when that has ended.</summary>
/// <param name="gate">The gate that gave it.</param>
/// <param name="request">The migration.</param>
public sealed class ReadinessPass(ReadinessGate gate, MigrationRequest request) : IDisposable
{
    /// <summary>Whether the VM has arrived, and keeps what it takes of the destination.</summary>
    public bool HasArrived { get; set; }

    /// <summary>Gives it back.</summary>
    public void Dispose() => gate.Leave(request, HasArrived);
}
