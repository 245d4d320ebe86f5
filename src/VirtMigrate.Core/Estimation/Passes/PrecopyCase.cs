using VirtMigrate.Migration;
using VirtMigrate.Migration.Policies;

namespace VirtMigrate.Estimation;

/// <summary>A pre-copy migration to be thought through. Sizes are bytes, rates bytes per second, times seconds, shares 0 to 1.</summary>
public sealed record PrecopyCase
{
    /// <summary>The memory that has to be sent at first: all that is not zero, or what is left of a migration under way.</summary>
    public required double Memory { get; init; }

    /// <summary>Memory that is all zeroes: of each page only a header crosses, once.</summary>
    public double ZeroMemory { get; init; }

    /// <summary>The rate at which memory crosses.</summary>
    public required double Bandwidth { get; init; }

    /// <summary>The longest standstill that is allowed at first.</summary>
    public double MaxDowntime { get; init; } = MigrationLimits.UsualMaxDowntime.TotalSeconds;

    /// <summary>The share of its processor time that is kept from the guest from the begin on.</summary>
    public double Throttle { get; init; }

    /// <summary>Whether auto-converge may throttle the guest.</summary>
    public bool AutoConverge { get; init; }

    /// <summary>Auto-converge: the first share.</summary>
    public double AutoConvergeInitial { get; init; } = 0.2;

    /// <summary>Auto-converge: what is added each time.</summary>
    public double AutoConvergeIncrement { get; init; } = 0.1;

    /// <summary>Whether it switches to post-copy after the first pass.</summary>
    public bool PostCopyAfterPrecopy { get; init; }

    /// <summary>The time after which <see cref="OnTimeout"/> happens; null for none.</summary>
    public double? Timeout { get; init; }

    /// <summary>What happens then.</summary>
    public TimeoutAction OnTimeout { get; init; }

    /// <summary>What a policy does after how many passes.</summary>
    public IReadOnlyList<MigrationPolicyStep> Steps { get; init; } = [];
}
