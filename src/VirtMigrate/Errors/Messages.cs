using System.Globalization;
using System.Resources;

namespace VirtMigrate.Errors;

/// <summary>The texts of Messages.resx. A text's name is the id of the error that it belongs to.</summary>
internal static class Messages
{
    private static readonly ResourceManager Resources = new("VirtMigrate.Errors.Messages", typeof(Messages).Assembly);

    /// <summary>A text with its places filled in.</summary>
    /// <param name="name">The text's name.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The text.</returns>
    public static string Format(string name, params object?[] values) => string.Format(CultureInfo.InvariantCulture, Get(name), values);

    private static string Get(string name) => Resources.GetString(name, CultureInfo.InvariantCulture)
        ?? throw new MissingManifestResourceException($"Messages.resx has no text '{name}'.");
}
