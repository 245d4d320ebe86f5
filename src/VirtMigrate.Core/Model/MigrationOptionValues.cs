using System.Collections;
using System.Collections.Specialized;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VirtMigrate;

/// <summary>
/// Options by name with their values, as scripts, files and JSON have them: switches are true or false, numbers 64 bits wide, in the units of
/// Start-VmMigration's parameters.
/// </summary>
public static class MigrationOptionValues
{
    /// <summary>No options.</summary>
    public static OrderedDictionary None { get; } = new OrderedDictionary().AsReadOnly();

    /// <summary>Takes names and values over, in their order.</summary>
    /// <param name="values">The names and values.</param>
    /// <returns>The same, read-only, with one type for each kind of value.</returns>
    public static OrderedDictionary Of(IEnumerable<KeyValuePair<string, object>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        var copy = new OrderedDictionary(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in values)
        {
            copy[name] = Normalize(value);
        }

        return copy.AsReadOnly();
    }

    /// <summary>Whether the same options are on, with the same values, in whatever order.</summary>
    /// <param name="one">Names and values.</param>
    /// <param name="other">Other ones.</param>
    /// <returns>True when they say the same.</returns>
    internal static bool AreSame(OrderedDictionary one, OrderedDictionary other) =>
        one.Count == other.Count && one.Keys.Cast<string>().All(name => other[name] is { } value && (value, one[name]) switch
        {
            (string[] some, string[] others) => some.SequenceEqual(others, StringComparer.Ordinal),
            var (some, others) => some.Equals(others),
        });

    private static object Normalize(object value) => value switch
    {
        bool or string => value,
        IEnumerable<string> texts => texts.ToArray(),
        Enum choice => choice.ToString(),
        IConvertible number => number.ToInt64(CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}

/// <summary>Writes options by name as a JSON object and reads them back: true and false, whole numbers, texts and lists of texts.</summary>
internal sealed class OptionValuesJsonConverter : JsonConverter<OrderedDictionary>
{
    /// <inheritdoc/>
    public override OrderedDictionary Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var values = new OrderedDictionary(StringComparer.OrdinalIgnoreCase);
        using var document = JsonDocument.ParseValue(ref reader);
        foreach (var property in document.RootElement.EnumerateObject())
        {
            values.Add(property.Name, Read(property.Value));
        }

        return values.AsReadOnly();
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, OrderedDictionary value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (DictionaryEntry entry in value)
        {
            writer.WritePropertyName((string)entry.Key);
            JsonSerializer.Serialize(writer, entry.Value, entry.Value?.GetType() ?? typeof(object), options);
        }

        writer.WriteEndObject();
    }

    private static object? Read(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => value.GetInt64(),
        JsonValueKind.Array => value.EnumerateArray().Select(i => i.GetString() ?? string.Empty).ToArray(),
        _ => value.GetString(),
    };
}

/// <summary>What happens to a migration that has not ended when its time is up.</summary>
public enum TimeoutAction
{
    /// <summary>It is aborted and the VM stays on the source.</summary>
    Abort,

    /// <summary>The guest is stopped, so that it dirties no more memory and the rest can move (<c>virsh migrate --timeout-suspend</c>).</summary>
    Suspend,

    /// <summary>The guest moves over at once and fetches the rest of its memory (<c>virsh migrate --timeout-postcopy</c>).</summary>
    PostCopy,
}

/// <summary>How much of a disk that is not shared is copied.</summary>
public enum StorageCopy
{
    /// <summary>All of it (<c>--copy-storage-all</c>).</summary>
    All,

    /// <summary>What lies over a base image that both hosts have (<c>--copy-storage-inc</c>).</summary>
    Incremental,
}

/// <summary>A domain definition that a migration uses at the destination.</summary>
/// <param name="Text">The XML.</param>
/// <param name="Path">The file that it was read from; null where the text itself was given.</param>
public sealed record MigrationXml(string Text, string? Path = null)
{
    /// <summary>The file's path, or the XML.</summary>
    /// <returns>A text for people.</returns>
    public override string ToString() => Path ?? Text;
}
