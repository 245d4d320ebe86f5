namespace VirtMigrate.Tests.Help;

/// <summary>What holds of a parameter in one parameter set.</summary>
/// <param name="Name">The set; <c>(All)</c> for a parameter that is in all of them.</param>
/// <param name="Position">Its position; null for none.</param>
/// <param name="IsMandatory">Whether it has to be given.</param>
/// <param name="IsPiped">Whether it takes objects from the pipeline.</param>
/// <param name="IsPipedByName">Whether it takes a property of the objects from the pipeline.</param>
internal sealed record HelpParameterSet(string Name, int? Position, bool IsMandatory, bool IsPiped, bool IsPipedByName);
