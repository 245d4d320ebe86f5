using System.Collections.Specialized;
using System.Text.Json.Serialization;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Model;

/// <summary>The options that an estimate recommends.</summary>
public sealed record MigrationRecommendation
{
    /// <summary>All options and limits to migrate with: those that were given and those that are added, as Start-VmMigration takes them.</summary>
    [JsonConverter(typeof(OptionValuesJsonConverter))]
    public OrderedDictionary Options { get; init; } = MigrationOptionValues.None;

    /// <summary>What is added to what was given, as it would be typed, such as <c>-Parallel 4 -MaxDowntime 800</c>; empty for nothing.</summary>
    public required string Added { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>How it will go with them.</summary>
    public required MigrationForecast Forecast { get; init; }

    /// <summary>What is added, else that nothing is.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => Added.Length > 0 ? Added : "as given";
}
