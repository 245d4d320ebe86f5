using System.Globalization;

namespace VirtMigrate.Model;

/// <summary>One phase that a migration went through.</summary>
/// <param name="Phase">The phase.</param>
/// <param name="Start">When it was entered, as time since the migration began.</param>
/// <param name="Duration">How long it lasted.</param>
public sealed record MigrationPhaseSpan(MigrationPhase Phase, TimeSpan Start, TimeSpan Duration)
{
    /// <summary>The phase and its duration: <c>Copying 4.2 s</c>.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Phase} {Duration.TotalSeconds:0.0} s");
}
