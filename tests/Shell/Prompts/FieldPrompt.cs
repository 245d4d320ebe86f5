using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace VirtMigrate.Shell.Prompts;

/// <summary>Asks for named values, such as a command's mandatory parameters, until each can be converted to its type.</summary>
internal sealed class FieldPrompt(Questioner questioner)
{
    public Dictionary<string, PSObject> Ask(string? caption, string? message, IReadOnlyList<FieldDescription> fields)
    {
        questioner.WriteHeading(caption, message, string.Join(", ", fields.Select(field => field.Name)));
        return fields.ToDictionary(field => field.Name, field => PSObject.AsPSObject(AskOne(field)), StringComparer.OrdinalIgnoreCase);
    }

    private static Type TypeOf(FieldDescription field) =>
        Type.GetType(field.ParameterAssemblyFullName, throwOnError: false) ?? typeof(string);

    private static string LabelOf(FieldDescription field)
    {
        var label = field.Label.Replace("&", "", StringComparison.Ordinal);
        return label.Length == 0 ? field.Name : label;
    }

    private object AskOne(FieldDescription field)
    {
        var type = TypeOf(field);
        var label = LabelOf(field);
        if (type == typeof(SecureString))
        {
            questioner.Write($"{label}: ");
            return questioner.ReadSecret(label);
        }

        if (type == typeof(PSCredential))
        {
            return new CredentialPrompt(questioner).Ask(label, message: null, userName: null);
        }

        if (type.IsArray || typeof(IList).IsAssignableFrom(type))
        {
            return AskMany(label, type);
        }

        return AskValue($"{label}: ", label, type, field.DefaultValue) ?? "";
    }

    // An empty line ends the list.
    private Array AskMany(string label, Type type)
    {
        var elementType = type.GetElementType() ?? typeof(object);
        var values = new ArrayList();
        while (AskValue($"{label}[{values.Count}]: ", label, elementType, defaultValue: null) is { } value)
        {
            values.Add(value);
        }

        return values.ToArray(elementType);
    }

    private object? AskValue(string prompt, string label, Type type, PSObject? defaultValue)
    {
        while (true)
        {
            questioner.Write(prompt);
            var answer = questioner.ReadLine(label);
            if (answer.Length == 0)
            {
                return defaultValue;
            }

            if (LanguagePrimitives.TryConvertTo(answer, type, CultureInfo.InvariantCulture, out var value))
            {
                return value;
            }

            questioner.WriteLine($"\"{answer}\" is no {type.Name}.");
        }
    }
}
