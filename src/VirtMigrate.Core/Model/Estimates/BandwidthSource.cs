namespace VirtMigrate.Model;

/// <summary>Where the bandwidth of an estimate comes from.</summary>
public enum BandwidthSource
{
    /// <summary>It was given (-Bandwidth).</summary>
    Given,

    /// <summary>Completed migrations between the two hosts achieved it.</summary>
    Achieved,

    /// <summary>The slower one of the two hosts' links is made for it.</summary>
    LinkSpeed,
}
