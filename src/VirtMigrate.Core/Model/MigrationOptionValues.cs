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
