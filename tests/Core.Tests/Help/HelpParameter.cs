using System.Globalization;

namespace VirtMigrate.Tests.Help;

/// <summary>A parameter as the engine, a page or the MAML has it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Type">The type's full name; that of the value where null is allowed as well.</param>
/// <param name="Aliases">The aliases.</param>
/// <param name="HasWildcards">Whether it takes wildcards.</param>
/// <param name="Sets">What holds in each of its parameter sets.</param>
internal sealed record HelpParameter(
    string Name, string Type, IReadOnlyList<string> Aliases, bool HasWildcards, IReadOnlyList<HelpParameterSet> Sets)
{
    /// <summary>What MAML can tell of it: one position, one obligation and one pipeline for all sets.</summary>
    /// <returns>The parameter without its sets.</returns>
    public HelpParameter WithoutSets() => this with
    {
        Sets = [new("(All)", Sets[0].Position, Sets.Any(s => s.IsMandatory), Sets.Any(s => s.IsPiped), Sets.Any(s => s.IsPipedByName))],
    };

    /// <summary>All of it in one line, by which two are compared.</summary>
    /// <returns>The text.</returns>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"-{Name} <{Type}> aliases [{string.Join(", ", Aliases.Order(StringComparer.Ordinal))}] wildcards {HasWildcards}, ") +
        string.Join("; ", Sets.Select(s => s.ToString()).Order(StringComparer.Ordinal));
}
