using System.Collections;
using System.Management.Automation;

namespace VirtMigrate.Selection;

/// <summary>What arguments look like before PowerShell has bound them to a parameter.</summary>
internal static class TransformationInput
{
    /// <summary>Takes PowerShell's wrapping off.</summary>
    /// <param name="value">An argument.</param>
    /// <returns>The object inside; an array for any list; null for null.</returns>
    public static object? Unwrap(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        IList list => list.Cast<object?>().ToArray(),
        var other => other,
    };

    /// <summary>Reads a property of an object whose type is known by its properties only, such as a row of a CSV file.</summary>
    /// <param name="value">The object.</param>
    /// <param name="name">The property.</param>
    /// <returns>The property's text; null where it has none.</returns>
    public static string? ReadText(object? value, string name) =>
        ReadValue(value, name)?.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Reads a property of an object whose type is known by its properties only.</summary>
    /// <param name="value">The object.</param>
    /// <param name="name">The property.</param>
    /// <returns>The property's value; null where it has none.</returns>
    public static object? ReadValue(object? value, string name) =>
        value is null ? null : PSObject.AsPSObject(value).Properties[name]?.Value;

    /// <summary>Whether an object came out of serialization (a remote session, a job, Import-Clixml).</summary>
    /// <param name="value">The object.</param>
    /// <returns>True when it has properties but no longer its type.</returns>
    public static bool IsDeserialized(object? value) =>
        value is not null && PSObject.AsPSObject(value).TypeNames.Any(t => t.StartsWith("Deserialized.", StringComparison.Ordinal));

    /// <summary>Refuses an argument.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="advice">What to give instead.</param>
    /// <returns>The exception to throw.</returns>
    public static ArgumentTransformationMetadataException Refuse(object? value, string advice) => new(Describe(value, advice));

    /// <summary>Refuses an argument as a failed conversion, after which PowerShell tries the properties of a piped object.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="advice">What to give instead.</param>
    /// <returns>The exception to throw.</returns>
    public static ArgumentTransformationMetadataException RefuseConversion(object? value, string advice) =>
        new(Describe(value, advice), new PSInvalidCastException(Describe(value, advice)));

    private static string Describe(object? value, string advice)
    {
        var type = value is null ? "empty" : $"an object of type '{PSObject.AsPSObject(value).TypeNames[0]}'";
        return $"The value can't be {type}. {advice}";
    }
}
