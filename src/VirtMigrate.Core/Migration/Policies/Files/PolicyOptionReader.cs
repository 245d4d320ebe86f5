using System.Collections;
using System.Collections.Specialized;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Migration.Policies;

/// <summary>Reads the options that a policy switches on, and holds each value to the option table.</summary>
internal static class PolicyOptionReader
{
    /// <summary>Reads them.</summary>
    /// <param name="table">The policy's table.</param>
    /// <returns>The names and values in the option table's order; null where there are none.</returns>
    public static OrderedDictionary? Read(PolicyTable table) => table.Find(PolicyKeys.Options) switch
    {
        null => null,
        IDictionary options => Read(options, table.Problems),
        var other => table.Refuse<OrderedDictionary?>(PolicyKeys.Options, other, "must be a table of Start-VmMigration's parameters", null),
    };

    private static OrderedDictionary Read(IDictionary options, List<string> problems)
    {
        var read = new List<KeyValuePair<MigrationOption, object>>();
        foreach (DictionaryEntry entry in options)
        {
            var name = entry.Key.ToString() ?? string.Empty;
            if (MigrationOptions.Find(name) is not { } option)
            {
                problems.Add($"Options.{name} is not a migration option. The options are listed by: Get-Help Start-VmMigration -Parameter *");
            }
            else if (option == MigrationOptions.Timeout || option == MigrationOptions.OnTimeout)
            {
                problems.Add($"Options.{name} is in the wrong place: {option.Name} is a key of the policy itself.");
            }
            else if (option == MigrationOptions.MaxDowntime)
            {
                problems.Add($"Options.{name} is in the wrong place: a policy sets the downtime limit with {PolicyKeys.InitialMaxDowntime} and its Steps.");
            }
            else if (option.Risk is not null)
            {
                problems.Add($"Options.{name} can't be a policy's: -{option.Name} puts data at risk and is given with each command.");
            }
            else if (Take(option, entry.Value, problems) is { } value)
            {
                read.Add(KeyValuePair.Create(option, value));
            }
        }

        // A table of PowerShell keeps no order; the option table has one.
        var order = MigrationOptions.Table.ToList();
        return MigrationOptionValues.Of(read.OrderBy(o => order.IndexOf(o.Key)).Select(o => KeyValuePair.Create(o.Key.Name, o.Value)));
    }

    private static object? Take(MigrationOption option, object? value, List<string> problems)
    {
        var (kind, taken) = (option.ValueType, value) switch
        {
            (MigrationValueType.None, bool) => (string.Empty, value),
            (MigrationValueType.None, _) => ("$true or $false", null),
            (MigrationValueType.TextList, string text) => (string.Empty, new[] { text }),
            (MigrationValueType.TextList, IEnumerable list) => (string.Empty, list.Cast<object?>().Select(i => i?.ToString() ?? string.Empty).ToArray()),
            (MigrationValueType.Text or MigrationValueType.TextList, string or Enum) => (string.Empty, value.ToString()),
            (MigrationValueType.Text or MigrationValueType.TextList, _) => ("a text", null),
            (_, byte or short or int or long) => (string.Empty, (object?)value),
            _ => ("a whole number", null),
        };
        if (taken is null)
        {
            problems.Add($"Options.{option.Name} must be {kind}, not {PolicyTable.Describe(value)}.");
            return null;
        }

        problems.AddRange(MigrationOptionRules.CheckValue(option, taken).Select(p => $"Options: {p.Message}"));
        return taken;
    }
}
