using System.Globalization;

namespace VirtMigrate.Migration.Options;

/// <summary>Holds a set of options to the table: what excludes what, what needs what, and the values that each takes.</summary>
internal static class MigrationOptionRules
{
    /// <summary>Checks a set without a host.</summary>
    /// <param name="options">The set.</param>
    /// <returns>What is wrong; empty when nothing is.</returns>
    public static IReadOnlyList<MigrationOptionProblem> Check(MigrationOptionSet options)
    {
        var problems = new List<MigrationOptionProblem>();
        foreach (var (option, value) in options.Enabled)
        {
            problems.AddRange(CheckCompany(options, option, $"-{option.Name}", option.Requires, option.Excludes));
            problems.AddRange(CheckValue(option, value));
            foreach (var choice in option.ChoicesOf(value))
            {
                problems.AddRange(CheckCompany(options, option, $"-{option.Name} {choice.Value}", choice.Requires, choice.Excludes));
            }
        }

        return problems;
    }

    private static IEnumerable<MigrationOptionProblem> CheckCompany(
        MigrationOptionSet options, MigrationOption option, string name, IReadOnlyList<string> requires, IReadOnlyList<string> excludes)
    {
        foreach (var other in excludes.Where(options.HasAny))
        {
            yield return new(option, $"{name} and {Describe(other)} exclude each other.");
        }

        foreach (var other in requires.Where(other => !options.HasAny(other)))
        {
            yield return new(option, $"{name} requires {Describe(other)}.");
        }
    }

    private static IEnumerable<MigrationOptionProblem> CheckValue(MigrationOption option, object value)
    {
        if (option.ValueType is MigrationValueType.Number or MigrationValueType.LargeNumber)
        {
            var number = Convert.ToInt64(value, CultureInfo.InvariantCulture);
            if (number < option.Minimum || number > option.Maximum)
            {
                yield return new(option, option.Maximum == long.MaxValue
                    ? $"-{option.Name} must be at least {option.Minimum}."
                    : $"-{option.Name} must be between {option.Minimum} and {option.Maximum}.");
            }
            else if (option.IsPowerOfTwo && !long.IsPow2(number))
            {
                yield return new(option, $"-{option.Name} must be a power of two, such as 64MB.");
            }
        }
        else if (option.ValueType != MigrationValueType.None)
        {
            foreach (var problem in CheckTexts(option, MigrationOption.ToTexts(value)))
            {
                yield return problem;
            }
        }
    }

    private static IEnumerable<MigrationOptionProblem> CheckTexts(MigrationOption option, IReadOnlyList<string> texts)
    {
        if (texts.Count == 0 || texts.Any(string.IsNullOrEmpty))
        {
            yield return new(option, $"-{option.Name} needs a value.");
        }

        // virsh and libvirt know no way to write a comma within a disk's name.
        if (option is { ValueType: MigrationValueType.TextList } && texts.FirstOrDefault(t => t.Contains(',', StringComparison.Ordinal)) is { } joined)
        {
            yield return new(option, $"-{option.Name} takes several values as a list; '{joined}' is one with a comma in it.");
        }

        if (texts.Distinct(StringComparer.OrdinalIgnoreCase).Count() < texts.Count)
        {
            yield return new(option, $"-{option.Name} names a value twice.");
        }

        if (option.Choices.Count > 0 && texts.FirstOrDefault(t => option.FindChoice(t) is null) is { Length: > 0 } unknown)
        {
            yield return new(option, $"-{option.Name} can't be '{unknown}', only {string.Join(", ", option.Choices.Select(c => c.Value))}.");
        }
    }

    // "Compression:mt" is "-Compression mt"; "A|B" is "-A or -B".
    private static string Describe(string rule) =>
        string.Join(" or ", rule.Split('|').Select(name => "-" + name.Replace(':', ' ')));
}
