namespace VirtMigrate.Migration.Options;

/// <summary>A domain definition that a migration uses at the destination.</summary>
/// <param name="Text">The XML.</param>
/// <param name="Path">The file that it was read from; null where the text itself was given.</param>
public sealed record MigrationXml(string Text, string? Path = null)
{
    /// <summary>The file's path, or the XML.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => Path ?? Text;
}
