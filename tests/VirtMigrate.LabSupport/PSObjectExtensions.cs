using System.Globalization;
using System.Management.Automation;

namespace VirtMigrate.LabSupport;

/// <summary>Reads properties of objects as a script would.</summary>
public static class PSObjectExtensions
{
    /// <summary>A property's value.</summary>
    /// <param name="item">The object.</param>
    /// <param name="path">The property, with dots between nested ones.</param>
    /// <returns>The value.</returns>
    public static object? Get(this PSObject item, string path)
    {
        object? value = item;
        foreach (var name in path.Split('.'))
        {
            value = value is null ? null : PSObject.AsPSObject(value).Properties[name]?.Value;
        }

        return value;
    }

    /// <summary>A property's value as a script would print it.</summary>
    /// <param name="item">The object.</param>
    /// <param name="path">The property.</param>
    /// <returns>The text.</returns>
    public static string Text(this PSObject item, string path) => Convert.ToString(item.Get(path), CultureInfo.InvariantCulture) ?? string.Empty;

    /// <summary>A property's values, of which there may be several.</summary>
    /// <param name="item">The object.</param>
    /// <param name="path">The property.</param>
    /// <returns>The values as objects.</returns>
    public static IReadOnlyList<PSObject> All(this PSObject item, string path) =>
        [.. LanguagePrimitives.GetEnumerable(item.Get(path)).Cast<object>().Select(PSObject.AsPSObject)];

    /// <summary>A property's value as a number.</summary>
    /// <param name="item">The object.</param>
    /// <param name="path">The property.</param>
    /// <returns>The number.</returns>
    public static long Number(this PSObject item, string path) => Convert.ToInt64(item.Get(path), CultureInfo.InvariantCulture);
}
