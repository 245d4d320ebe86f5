using System.Collections.Specialized;
using VirtMigrate.Migration.Options;
using VirtMigrate.Model;

namespace VirtMigrate.Migration.Policies;

/// <summary>
/// What is done about a guest that writes its memory faster than it moves. Data only: the built-in policies are instances, and a
/// .psd1 file holds all of it.
/// </summary>
/// <remarks>
/// Libvirt has no call that throttles a guest further while it moves. A policy that wants throttling switches auto-converge on
/// (option AutoConverge, with AutoConvergeInitial and AutoConvergeIncrement for more of it), and QEMU raises it by itself.
/// </remarks>
public sealed record MigrationPolicy
{
    private readonly MigrationPolicyStep[] _steps = [];

    /// <summary>Its name, by which it is called and reported.</summary>
    public required string Name { get; init; }

    /// <summary>What it is good for, in a sentence.</summary>
    public string Description { get; init; } = string.Empty;

    /// <summary>Options that it switches on, by the names of Start-VmMigration's parameters, where the user decided nothing.</summary>
    public OrderedDictionary Options { get; init; } = MigrationOptionValues.None;

    /// <summary>How many VMs move at once under it; null leaves that to the command.</summary>
    public int? ThrottleLimit { get; init; }

    /// <summary>The standstill that is allowed at first; null leaves QEMU's own limit (300 ms).</summary>
    public TimeSpan? InitialMaxDowntime { get; init; }

    /// <summary>What is done after how many passes, in order.</summary>
    public IReadOnlyList<MigrationPolicyStep> Steps
    {
        get => _steps;

        // An array, which scripts can index from its end.
        init => _steps = value.ToArray();
    }

    /// <summary>How a stalled migration is told and ended; null where the steps alone decide.</summary>
    public MigrationStallDetection? StallDetection { get; init; }

    /// <summary>The time after which <see cref="OnTimeout"/> is done; null for none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>What is done when the time is up.</summary>
    public TimeoutAction OnTimeout { get; init; }

    /// <summary>Whether a policy may change the guest's longest standstill.</summary>
    internal bool SetsMaxDowntime =>
        InitialMaxDowntime is not null || StallDetection is not null || Steps.Any(s => s.Action == MigrationAction.SetMaxDowntime);

    /// <summary>Whether two policies say the same.</summary>
    /// <param name="other">The other one.</param>
    /// <returns>True when their files would be the same.</returns>
    public bool Equals(MigrationPolicy? other) =>
        other is not null && string.Equals(PolicyFileWriter.Write(this), PolicyFileWriter.Write(other), StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(PolicyFileWriter.Write(this));

    /// <summary>The policy's name.</summary>
    /// <returns><see cref="Name"/>.</returns>
    public override string ToString() => Name;
}
