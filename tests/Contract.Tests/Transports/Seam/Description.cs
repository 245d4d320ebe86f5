using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Xml.Linq;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>Writes down everything that an object says, a line each, so that two of them can be compared.</summary>
internal static class Description
{
    private static readonly string[] OfTheConnection = [nameof(VmHost.Uri), nameof(VmHost.Transport), nameof(VmHost.IsEncrypted)];

    /// <summary>Describes an object.</summary>
    /// <param name="value">The object.</param>
    /// <returns>A line for each value in it, in a fixed order; of hosts all but how they are reached.</returns>
    public static IReadOnlyList<string> Of(object? value)
    {
        var lines = new List<string>();
        Add(lines, string.Empty, value);
        return lines;
    }

    private static void Add(List<string> lines, string path, object? value)
    {
        switch (value)
        {
            case null:
                lines.Add($"{path} = null");
                break;
            case string or Guid or Version or TimeSpan or DateTimeOffset or Enum:
            case { } plain when plain.GetType().IsPrimitive:
                lines.Add(string.Create(CultureInfo.InvariantCulture, $"{path} = {value}"));
                break;
            case XElement xml:
                lines.Add($"{path} = {xml.ToString(SaveOptions.DisableFormatting)}");
                break;
            case ITuple tuple:
                foreach (var index in Enumerable.Range(0, tuple.Length))
                {
                    Add(lines, $"{path}.Item{index + 1}", tuple[index]);
                }

                break;
            case IEnumerable items:
                AddItems(lines, path, items);
                break;
            default:
                AddMembers(lines, path, value);
                break;
        }
    }

    private static void AddItems(List<string> lines, string path, IEnumerable items)
    {
        object?[] all = [.. items];
        lines.Add($"{path}: {all.Length} of them");
        if (!HasOrder(items))
        {
            Array.Sort(all, (one, other) => string.CompareOrdinal($"{one}", $"{other}"));
        }

        for (var i = 0; i < all.Length; i++)
        {
            Add(lines, $"{path}[{i}]", all[i]);
        }
    }

    private static bool HasOrder(IEnumerable items) => !items.GetType().GetInterfaces().Any(i =>
        i.IsGenericType && (i.GetGenericTypeDefinition() == typeof(IReadOnlySet<>) || i.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>)));

    // Definitions and capabilities keep their XML to themselves, and all of it has to be the same.
    private static void AddMembers(List<string> lines, string path, object value)
    {
        var type = value.GetType();
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(f => f.FieldType == typeof(XElement)))
        {
            Add(lines, $"{path}.{field.Name}", field.GetValue(value));
        }

        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public)
            .Where(p => p.GetIndexParameters().Length == 0 && !(value is VmHost && OfTheConnection.Contains(p.Name)))
            .OrderBy(p => p.Name, StringComparer.Ordinal))
        {
            Add(lines, $"{path}.{property.Name}", property.GetValue(value));
        }
    }
}
