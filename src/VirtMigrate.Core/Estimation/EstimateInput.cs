using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Estimation;

/// <summary>One migration that is estimated, with all that is known of it. Immutable; no host is asked any more.</summary>
internal sealed record EstimateInput
{
    // The state of the devices, and the guest's start, in seconds: measured with QEMU 7.2.
    private const double Switchover = 0.03;

    /// <summary>The options in effect.</summary>
    public required MigrationOptionSet Options { get; init; }

    /// <summary>The limits in effect.</summary>
    public MigrationLimits Limits => Options.Limits;

    /// <summary>The policy; null for none.</summary>
    public MigrationPolicy? Policy { get; init; }

    /// <summary>The memory that has to cross at least once, in bytes.</summary>
    public required double Memory { get; init; }

    /// <summary>The memory that is all zeroes, in bytes.</summary>
    public double ZeroMemory { get; init; }

    /// <summary>What the link between the hosts carries, in bytes per second.</summary>
    public required double LinkBandwidth { get; init; }

    /// <summary>Whether <see cref="LinkBandwidth"/> has been seen to be carried, over as many connections as there were.</summary>
    public bool IsAchieved { get; init; }

    /// <summary>The number of connections that fill the link.</summary>
    public int Connections { get; init; } = 1;

    /// <summary>Bytes of disks that are copied first.</summary>
    public double StorageSize { get; init; }

    /// <summary>The memory that the guest dirties within a time; null for a guest that does not run.</summary>
    public DirtyMemoryCurve? Curve { get; init; }

    /// <summary>The time in seconds that both hosts take beside the moving of memory.</summary>
    public double Overhead { get; init; }

    /// <summary>Whether post-copy comes into question for this VM.</summary>
    public bool CanPostCopy { get; init; } = true;

    /// <summary>Whether both hosts know the options, beyond what the table says.</summary>
    public Func<MigrationOptionSet, bool> IsSupported { get; init; } = _ => true;

    /// <summary>The rate at which memory crosses, in bytes per second.</summary>
    public double Bandwidth
    {
        get
        {
            var link = IsAchieved ? LinkBandwidth : Math.Min(LinkBandwidth, Options.Connections * MigrationLink.BytesPerConnection);
            return Options.Number(MigrationOptions.Bandwidth) is > 0 and var limit ? Math.Min(link, limit) : link;
        }
    }

    /// <summary>The migration without anything that ends it but the switchover.</summary>
    public PrecopyCase Plain => new()
    {
        Memory = Memory,
        ZeroMemory = ZeroMemory,
        Bandwidth = Bandwidth,
        MaxDowntime = (Limits.MaxDowntime ?? MigrationLimits.UsualMaxDowntime).TotalSeconds,
    };

    /// <summary>The migration with all that was asked for.</summary>
    public PrecopyCase Migration => Plain with
    {
        AutoConverge = Options.Has(MigrationOptions.AutoConverge),
        AutoConvergeInitial = (Options.Number(MigrationOptions.AutoConvergeInitial) ?? 20) / 100.0,
        AutoConvergeIncrement = (Options.Number(MigrationOptions.AutoConvergeIncrement) ?? 10) / 100.0,
        PostCopyAfterPrecopy = Options.Has(MigrationOptions.PostCopyAfterPrecopy),
        Timeout = Limits.Timeout?.TotalSeconds,
        OnTimeout = Limits.OnTimeout,
        Steps = [.. (Policy?.Steps ?? []).Where(Counts)],
    };

    /// <summary>Makes forecasts of it.</summary>
    public Forecasts Forecasts => new(new()
    {
        Curve = Curve,
        Overhead = Overhead,
        Switchover = Switchover,
        SwitchoverSpeed = Math.Min(1, Bandwidth / LinkBandwidth),
        StorageTime = StorageSize / Bandwidth,
    });

    /// <summary>The same migration with one more option.</summary>
    public EstimateInput WithOption(MigrationOption option, object value) => this with { Options = Options.With(option, value) };

    /// <summary>The same migration with another downtime limit.</summary>
    public EstimateInput WithMaxDowntime(TimeSpan limit) => WithOption(MigrationOptions.MaxDowntime, limit);

    /// <summary>The same migration with a time.</summary>
    public EstimateInput WithTimeout(TimeSpan timeout, TimeoutAction action) =>
        WithOption(MigrationOptions.Timeout, timeout).WithOption(MigrationOptions.OnTimeout, action);

    /// <summary>Whether options go together and both hosts know them.</summary>
    public bool Allows(MigrationOptionSet options) => options.Validate().Count == 0 && IsSupported(options);

    // A downtime that was given goes before the policy's, and post-copy has to be allowed from the start.
    private bool Counts(MigrationPolicyStep step) => step.Action switch
    {
        MigrationAction.SetMaxDowntime => Limits.MaxDowntime is null || Policy?.InitialMaxDowntime is not null,
        MigrationAction.PostCopy => Options.Has(MigrationOptions.PostCopy),
        _ => true,
    };
}
