using System.Globalization;
using System.Resources;
using VirtMigrate.Hosts;

namespace VirtMigrate.Errors;

/// <summary>
/// The texts of Messages.resx and, for the reasons for which migrations fail, of MigrationFailures.resx. A text's name is the id of the
/// error that it belongs to.
/// </summary>
internal static class Messages
{
    private static readonly ResourceManager[] Resources =
    [
        new("VirtMigrate.Errors.Messages", typeof(Messages).Assembly),
        new("VirtMigrate.Errors.MigrationFailures", typeof(Messages).Assembly),
    ];

    /// <summary>A text with its places filled in.</summary>
    /// <param name="name">The text's name.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The text.</returns>
    public static string Format(string name, params object?[] values) => string.Format(CultureInfo.InvariantCulture, Get(name), values);

    /// <summary>A text of advice with its places filled in, so that its commands can be pasted.</summary>
    /// <param name="name">The text's name.</param>
    /// <param name="values">What goes into its places.</param>
    /// <returns>The text.</returns>
    public static string Advise(string name, params object?[] values) => AdviceText.Fill(Get(name), values);

    /// <summary>Finds a text.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The text with its places; null when there is none.</returns>
    public static string? Find(string name) =>
        Resources.Select(r => r.GetString(name, CultureInfo.InvariantCulture)).FirstOrDefault(t => t is not null);

    private static string Get(string name) => Find(name)
        ?? throw new MissingManifestResourceException($"Neither Messages.resx nor MigrationFailures.resx has a text '{name}'.");
}
