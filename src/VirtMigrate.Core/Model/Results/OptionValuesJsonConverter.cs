using System.Collections;
using System.Collections.Specialized;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VirtMigrate.Model;

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
