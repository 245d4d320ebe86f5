using System.Globalization;
using System.Management.Automation;
using Xunit;

namespace VirtMigrate.LabTests.Support;

/// <summary>What a script wrote.</summary>
/// <param name="Output">Its objects.</param>
/// <param name="Errors">Its errors, with the one that ended it first.</param>
/// <param name="Progress">Its progress.</param>
/// <param name="Warnings">Its warnings.</param>
/// <param name="Information">Its information records.</param>
public sealed record SessionResult(
    IReadOnlyList<PSObject> Output,
    IReadOnlyList<ErrorRecord> Errors,
    IReadOnlyList<ProgressRecord> Progress,
    IReadOnlyList<WarningRecord> Warnings,
    IReadOnlyList<InformationRecord> Information)
{
    /// <summary>The only object, of a script without errors.</summary>
    public PSObject Single
    {
        get
        {
            AssertNoErrors();
            return Assert.Single(Output);
        }
    }

    /// <summary>Asserts that there was no error.</summary>
    /// <returns>This result.</returns>
    public SessionResult AssertNoErrors()
    {
        Assert.True(Errors.Count == 0, string.Join('\n', Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e}")));
        return this;
    }

    /// <summary>Asserts that there was exactly one error, of which a user sees all that matters.</summary>
    /// <param name="id">Its id, without the cmdlet's name.</param>
    /// <param name="category">Its category.</param>
    /// <param name="message">A part of its message.</param>
    /// <param name="action">A part of the recommended action.</param>
    /// <returns>The error.</returns>
    public ErrorRecord AssertError(string id, ErrorCategory category, string message, string action)
    {
        Assert.True(Errors.Count == 1, $"{Errors.Count} errors: {string.Join('\n', Errors)}");
        var error = Errors[0];
        Assert.Equal(id, error.FullyQualifiedErrorId.Split(',')[0]);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.NotNull(error.ErrorDetails);
        Assert.Contains(action, error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        return error;
    }
}

/// <summary>Reads properties of objects as a script would.</summary>
internal static class PSObjectExtensions
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

    /// <summary>A property's value as a number.</summary>
    /// <param name="item">The object.</param>
    /// <param name="path">The property.</param>
    /// <returns>The number.</returns>
    public static long Number(this PSObject item, string path) => Convert.ToInt64(item.Get(path), CultureInfo.InvariantCulture);
}
