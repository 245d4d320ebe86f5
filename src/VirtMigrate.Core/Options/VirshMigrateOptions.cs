using System.Globalization;

namespace VirtMigrate.Options;

/// <summary>Says options in the words of <c>virsh migrate</c>.</summary>
internal static class VirshMigrateOptions
{
    /// <summary>The words that equal options.</summary>
    /// <param name="options">The options in effect.</param>
    /// <param name="text">Makes a word of a value.</param>
    /// <param name="xml">Makes a word of a definition, which virsh reads from a file.</param>
    /// <returns>The words, in the table's order, without the time limit, which is no option of the migration itself.</returns>
    public static IEnumerable<string> Words(MigrationOptionSet options, Func<string, string> text, Func<MigrationXml, string> xml) =>
        options.Enabled.Where(o => o.Key != MigrationOptions.Timeout && o.Key != MigrationOptions.OnTimeout)
            .SelectMany(o => Words(o.Key, o.Value, text, xml));

    private static IEnumerable<string> Words(MigrationOption option, object value, Func<string, string> text, Func<MigrationXml, string> xml)
    {
        if ((option.Flag != MigrationFlags.None || option.ValueType == MigrationValueType.None) && option.VirshOption.Length > 0)
        {
            yield return option.VirshOption;
        }

        foreach (var choice in option.ChoicesOf(value).Select(c => c.VirshOption).OfType<string>())
        {
            yield return choice;
        }

        if (option.TypedParameter is not null)
        {
            yield return option.VirshValueOption ?? option.VirshOption;
            yield return value is MigrationXml definition ? xml(definition) : text(Value(option.Encode(value)));
        }
    }

    private static string Value(object encoded) => encoded is IEnumerable<string> list
        ? string.Join(',', list)
        : Convert.ToString(encoded, CultureInfo.InvariantCulture) ?? string.Empty;
}
