using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using VirtMigrate.Migration.Options;

namespace VirtMigrate.Migration.Policies;

/// <summary>Options by name with their values, as scripts, files and JSON have them: switches are true or false, numbers 64 bits wide.</summary>
public static class MigrationOptionValues
{
    /// <summary>No options.</summary>
    public static OrderedDictionary None { get; } = new OrderedDictionary().AsReadOnly();

    /// <summary>The options of a set that are on, in the table's order.</summary>
    /// <param name="options">The set.</param>
    /// <returns>The names and values, read-only.</returns>
    public static OrderedDictionary Of(MigrationOptionSet options) =>
        Of(options.Enabled.Select(o => KeyValuePair.Create(o.Key.Name, o.Value)));

    /// <summary>The options of a plan with its limits, in the units of Start-VmMigration's parameters.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The names and values, read-only.</returns>
    public static OrderedDictionary Of(MigrationPlan plan) => Of(plan.Options, plan.Limits);

    /// <summary>Options with limits, in the units of Start-VmMigration's parameters.</summary>
    /// <param name="options">The options.</param>
    /// <param name="limits">The limits.</param>
    /// <returns>The names and values, read-only.</returns>
    public static OrderedDictionary Of(MigrationOptionSet options, MigrationLimits limits)
    {
        var values = options.Enabled.Select(o => KeyValuePair.Create(o.Key.Name, o.Value)).ToList();
        if (limits.MaxDowntime is { } downtime && !options.Has(MigrationOptions.Offline))
        {
            values.Add(new(nameof(MigrationLimits.MaxDowntime), (long)downtime.TotalMilliseconds));
        }

        if (limits.Timeout is { } timeout)
        {
            values.Add(new(nameof(MigrationLimits.Timeout), (long)timeout.TotalSeconds));
            values.Add(new(nameof(MigrationLimits.OnTimeout), limits.OnTimeout.ToString()));
        }

        return Of(values);
    }

    /// <summary>Takes names and values over, in their order.</summary>
    /// <param name="values">The names and values.</param>
    /// <returns>The same, read-only, with one type for each kind of value.</returns>
    public static OrderedDictionary Of(IEnumerable<KeyValuePair<string, object>> values)
    {
        var copy = new OrderedDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in values)
        {
            copy[name] = Normalize(value);
        }

        return copy.AsReadOnly();
    }

    /// <summary>The set of options that names and values stand for. What is no row of the table, such as a limit, is left out.</summary>
    /// <param name="values">The names and values.</param>
    /// <returns>The set.</returns>
    public static MigrationOptionSet ToSet(OrderedDictionary values)
    {
        var set = MigrationOptionSet.Empty;
        foreach (DictionaryEntry entry in (IDictionary)values)
        {
            set = MigrationOptions.Find((string)entry.Key) is { } option && entry.Value is { } value ? set.With(option, value) : set;
        }

        return set;
    }

    /// <summary>The limits that names and values stand for.</summary>
    /// <param name="values">The names and values.</param>
    /// <returns>The limits.</returns>
    public static MigrationLimits ToLimits(OrderedDictionary values) => new()
    {
        MaxDowntime = values[nameof(MigrationLimits.MaxDowntime)] is long milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null,
        Timeout = values[nameof(MigrationLimits.Timeout)] is long seconds ? TimeSpan.FromSeconds(seconds) : null,
        OnTimeout = Enum.TryParse<TimeoutAction>(values[nameof(MigrationLimits.OnTimeout)] as string, out var action) ? action : default,
    };

    private static object Normalize(object value) => value switch
    {
        bool or string => value,
        IEnumerable<string> texts => texts.ToArray(),
        Enum choice => choice.ToString(),
        IConvertible number => number.ToInt64(CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
