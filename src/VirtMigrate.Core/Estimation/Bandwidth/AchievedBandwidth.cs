using System.Globalization;

namespace VirtMigrate.Estimation;

/// <summary>What the newest migrations between two hosts have achieved: the median.</summary>
public sealed record AchievedBandwidth
{
    private const double MiB = 1024 * 1024;

    /// <summary>Bytes per second while memory moved.</summary>
    public required long BytesPerSecond { get; init; }

    /// <summary>How many migrations it comes from.</summary>
    public required int Count { get; init; }

    /// <summary>The connections that their memory moved over.</summary>
    public required int Connections { get; init; }

    /// <summary>The name of the host that they left.</summary>
    public required string Source { get; init; }

    /// <summary>The name of the host that they reached.</summary>
    public required string Destination { get; init; }

    /// <summary>Whether they went the other way.</summary>
    public bool IsOpposite { get; init; }

    /// <summary>Whether all of them were held down by a limit, so that the link can do more.</summary>
    public bool IsLowerBound { get; init; }

    /// <summary>The time that a migration takes beside: what both hosts need to prepare, to hand over and to verify.</summary>
    public required TimeSpan Overhead { get; init; }

    /// <summary>Where the rate comes from: <c>3 migrations from kvm1 to kvm2</c>.</summary>
    public string Evidence => string.Create(CultureInfo.InvariantCulture,
        $"{Count} {(Count == 1 ? "migration" : "migrations")}{(Connections > 1 ? $" over {Connections} connections" : string.Empty)} from {Source} to {Destination}{(IsLowerBound ? ", held down by -Bandwidth: the link can do more" : string.Empty)}");

    /// <summary>The rate and where it comes from: <c>23.1 MiB/s by 3 migrations from kvm1 to kvm2</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{BytesPerSecond / MiB:0.0} MiB/s by {Evidence}");
}
