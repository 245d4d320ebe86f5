using System.Collections;
using System.Globalization;

namespace VirtMigrate.Policies;

/// <summary>One table of a policy file. Reads its values by key and notes what is wrong with them.</summary>
internal sealed class PolicyTable(IDictionary values, string path, List<string> problems)
{
    /// <summary>Where the table stands in the file.</summary>
    public string Path => path;

    /// <summary>Takes what is wrong.</summary>
    public List<string> Problems => problems;

    /// <summary>Notes the keys that mean nothing.</summary>
    public void RefuseUnknown(IReadOnlyList<string> known)
    {
        foreach (var key in values.Keys.Cast<object>().Select(k => k.ToString() ?? string.Empty)
            .Where(k => !known.Contains(k, StringComparer.OrdinalIgnoreCase)).Order(StringComparer.OrdinalIgnoreCase))
        {
            problems.Add($"{path}{key} is not a valid key; valid keys are {string.Join(", ", known)}.");
        }
    }

    /// <summary>Whether a key has a value.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Reads any value.</summary>
    public object? Find(string key) => values.Keys.Cast<object>()
        .Where(k => string.Equals(k.ToString(), key, StringComparison.OrdinalIgnoreCase)).Select(k => values[k]).FirstOrDefault();

    /// <summary>Reads a text.</summary>
    public string Text(string key, string otherwise) => Find(key) switch
    {
        null => otherwise,
        string text => text,
        var other => Refuse(key, other, "must be a text", otherwise),
    };

    /// <summary>Reads a switch.</summary>
    public bool Flag(string key, bool otherwise) => Find(key) switch
    {
        null => otherwise,
        bool flag => flag,
        var other => Refuse(key, other, "must be $true or $false", otherwise),
    };

    /// <summary>Reads a number.</summary>
    public double? Number(string key, double minimum, double maximum, string? unit = null, bool isWhole = false)
    {
        var value = Find(key);
        if (value is null)
        {
            return null;
        }

        var number = value is byte or short or int or long or float or double or decimal
            ? Convert.ToDouble(value, CultureInfo.InvariantCulture)
            : double.NaN;
        if (number >= minimum && number <= maximum && (!isWhole || double.IsInteger(number)))
        {
            return number;
        }

        var kind = (isWhole ? "a whole number" : "a number") + (unit is null ? string.Empty : $" of {unit}");
        return Refuse<double?>(key, value, string.Create(CultureInfo.InvariantCulture,
            $"must be {kind} between {minimum:#,0.##} and {maximum:#,0.##}"), null);
    }

    /// <summary>Reads a duration that is written as a number.</summary>
    public TimeSpan? Duration(string key, TimeSpan unit, string name, double minimum, double maximum) =>
        Number(key, minimum, maximum, name) is { } number ? unit * number : null;

    /// <summary>Reads a word out of several.</summary>
    public T? Word<T>(string key, params T[] allowed)
        where T : struct, Enum
    {
        var value = Find(key);
        if (value is null)
        {
            return null;
        }

        foreach (var word in allowed)
        {
            if (string.Equals(word.ToString(), value.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                return word;
            }
        }

        return Refuse<T?>(key, value, $"must be one of {string.Join(", ", allowed)}", null);
    }

    /// <summary>Notes a value that is wrong.</summary>
    public T Refuse<T>(string key, object? value, string rule, T otherwise)
    {
        problems.Add($"{path}{key} {rule}, not {Describe(value)}.");
        return otherwise;
    }

    /// <summary>Shows a value as a file would hold it.</summary>
    public static string Describe(object? value) => value switch
    {
        null => "nothing",
        string text => $"'{text}'",
        bool flag => flag ? "$true" : "$false",
        IDictionary => "a table",
        IEnumerable => "a list",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? string.Empty,
    };
}
