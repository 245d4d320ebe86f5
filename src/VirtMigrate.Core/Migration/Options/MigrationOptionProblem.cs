namespace VirtMigrate.Migration.Options;

/// <summary>Something wrong with the options of a migration.</summary>
/// <param name="Option">The option that can't be used so.</param>
/// <param name="Message">Why, for people.</param>
public sealed record MigrationOptionProblem(MigrationOption Option, string Message);
