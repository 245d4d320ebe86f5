namespace VirtMigrate.Options;

/// <summary>Something wrong with the options of a migration.</summary>
/// <param name="Option">The option that can't be used so.</param>
/// <param name="Message">Why, for people.</param>
public sealed record MigrationOptionProblem(MigrationOption Option, string Message);

/// <summary>
/// Holds a set of options to the table: what excludes what, what needs what, the values that each takes, and the versions of libvirt and QEMU
/// that know them.
/// </summary>
internal static class MigrationOptionRules
{
    /// <summary>What is wrong with a set, whatever the hosts; empty when nothing is.</summary>
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

    /// <summary>What one of the two hosts is too old for; empty when nothing is.</summary>
    public static IReadOnlyList<MigrationOptionProblem> CheckVersions(MigrationOptionSet options, VmHost source, VmHost destination) =>
        [.. options.Enabled.SelectMany(o => new[] { source, destination }.SelectMany(host => CheckVersion(options, o.Key, o.Value, host)))];

    /// <summary>What is wrong with one option's value, in the user's units, by itself.</summary>
    public static IEnumerable<MigrationOptionProblem> CheckValue(MigrationOption option, object value)
    {
        if (option.ValueType is MigrationValueType.Number or MigrationValueType.LargeNumber)
        {
            var number = option.ToNumber(value);
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

    private static IEnumerable<MigrationOptionProblem> CheckVersion(MigrationOptionSet options, MigrationOption option, object value, VmHost host)
    {
        foreach (var (name, since) in Versions(option, value).Where(r => host.LibvirtVersion < r.Since))
        {
            yield return new(option, $"{name} needs libvirt {since}; '{host.Name}' has {host.LibvirtVersion}.");
        }

        if (!string.Equals(host.Hypervisor, "QEMU", StringComparison.OrdinalIgnoreCase) || host.HypervisorVersion is not { } qemu)
        {
            yield break;
        }

        if (option.SinceQemu is { } needed && qemu < needed)
        {
            yield return new(option, $"-{option.Name} needs QEMU {needed}; '{host.Name}' has {qemu}.");
        }

        foreach (var conflict in option.Conflicts.Where(c => options.HasAny(c.Option) && qemu < c.SolvedInQemu))
        {
            yield return new(option,
                $"-{option.Name} and -{conflict.Option} together need QEMU {conflict.SolvedInQemu} or later on both hosts; '{host.Name}' has {qemu}.");
        }
    }

    private static IEnumerable<(string Name, Version Since)> Versions(MigrationOption option, object value) =>
        option.ChoicesOf(value).Where(c => c.Since is not null).Select(c => ($"-{option.Name} {c.Value}", c.Since!))
            .Prepend(($"-{option.Name}", option.Since));

    // "Compression:mt" is "-Compression mt"; "A|B" is "-A or -B".
    private static string Describe(string rule) =>
        string.Join(" or ", rule.Split('|').Select(name => "-" + name.Replace(':', ' ')));
}
