using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Xml;
using System.Xml.Linq;
using VirtMigrate.Failures;

namespace VirtMigrate.Selection;

/// <summary>What arguments look like before PowerShell has bound them to a parameter.</summary>
internal static class TransformationInput
{
    /// <summary>Takes PowerShell's wrapping off.</summary>
    /// <param name="value">An argument.</param>
    /// <returns>The object inside; an array for any list; null for null.</returns>
    public static object? Unwrap(object? value) => (value is PSObject wrapped ? wrapped.BaseObject : value) switch
    {
        IList list => list.Cast<object?>().ToArray(),
        var other => other,
    };

    /// <summary>Reads a property of an object whose type is known by its properties only, such as a row of a CSV file.</summary>
    /// <param name="value">The object.</param>
    /// <param name="name">The property.</param>
    /// <returns>The property's text; null where it has none.</returns>
    public static string? ReadText(object? value, string name) =>
        ReadValue(value, name)?.ToString() is { Length: > 0 } text ? text : null;

    /// <summary>Reads a property of an object whose type is known by its properties only.</summary>
    /// <param name="value">The object.</param>
    /// <param name="name">The property.</param>
    /// <returns>The property's value; null where it has none.</returns>
    public static object? ReadValue(object? value, string name) =>
        value is null ? null : PSObject.AsPSObject(value).Properties[name]?.Value;

    /// <summary>Whether an object came out of serialization (a remote session, a job, Import-Clixml).</summary>
    /// <param name="value">The object.</param>
    /// <returns>True when it has properties but no longer its type.</returns>
    public static bool IsDeserialized(object? value) =>
        value is not null && PSObject.AsPSObject(value).TypeNames.Any(t => t.StartsWith("Deserialized.", StringComparison.Ordinal));

    /// <summary>Refuses an argument.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="advice">What to give instead.</param>
    /// <returns>The exception to throw.</returns>
    public static ArgumentTransformationMetadataException Refuse(object? value, string advice) => new(Describe(value, advice));

    /// <summary>Refuses an argument as a failed conversion, after which PowerShell tries the properties of a piped object.</summary>
    /// <param name="value">The argument.</param>
    /// <param name="advice">What to give instead.</param>
    /// <returns>The exception to throw.</returns>
    public static ArgumentTransformationMetadataException RefuseConversion(object? value, string advice) =>
        new(Describe(value, advice), new PSInvalidCastException(Describe(value, advice)));

    private static string Describe(object? value, string advice)
    {
        var type = value is null ? "empty" : $"an object of type '{PSObject.AsPSObject(value).TypeNames[0]}'";
        return $"The value can't be {type}. {advice}";
    }
}

/// <summary>Lets a parameter take a domain definition as the path of a file, as text or as <c>[xml]</c>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MigrationXmlTransformationAttribute : ArgumentTransformationAttribute
{
    private const string Advice = "Give the path of a file, or a domain definition as text or [xml], as virsh dumpxml prints it.";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        ArgumentNullException.ThrowIfNull(engineIntrinsics);
        var xml = TransformationInput.Unwrap(inputData) switch
        {
            MigrationXml given => given,
            XmlDocument document => new(document.OuterXml),
            string text when text.TrimStart().StartsWith('<') => new(text),
            string { Length: > 0 } path => ReadFile(engineIntrinsics.SessionState.Path.GetUnresolvedProviderPathFromPSPath(path)),
            _ => throw TransformationInput.Refuse(inputData, Advice),
        };
        Check(xml);
        return xml;
    }

    private static MigrationXml ReadFile(string path)
    {
        try
        {
            return new(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentTransformationMetadataException($"The definition can't be read: {e.Message} {Advice}", e);
        }
    }

    // Libvirt says no more of a definition than where its XML breaks off, and only when the host has been asked.
    private static void Check(MigrationXml xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml.Text), new() { DtdProcessing = DtdProcessing.Prohibit });
            if (XElement.Load(reader).Name.LocalName is not "domain" and var name)
            {
                throw new ArgumentTransformationMetadataException($"The XML is a <{name}>, not a <domain>. {Advice}");
            }
        }
        catch (XmlException e)
        {
            throw new ArgumentTransformationMetadataException($"The definition is not valid XML: {e.Message} {Advice}", e);
        }
    }
}

/// <summary>
/// Lets a parameter take records of Get-VmMigrationBandwidth: live ones, those that were serialized (Export-Clixml, a job, a remote
/// session), rows of a CSV file, and what ConvertFrom-Json makes of them. The parameter gets VmMigrationBandwidth[].
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class BandwidthHistoryTransformationAttribute : ArgumentTransformationAttribute
{
    private const string Advice = "Give records of Get-VmMigrationBandwidth, or what Import-Csv, Import-Clixml or ConvertFrom-Json reads of them.";

    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        TransformationInput.Unwrap(inputData) is object?[] items
            ? items.Select(Read).ToArray()
            : new[] { Read(inputData) };

    private static VmMigrationBandwidth Read(object? item) => TransformationInput.Unwrap(item) switch
    {
        VmMigrationBandwidth record => record,
        PSCustomObject => ReadProperties(item),
        _ => throw TransformationInput.Refuse(item, Advice),
    };

    private static VmMigrationBandwidth ReadProperties(object? item) => new()
    {
        Source = ReadName(item, nameof(VmMigrationBandwidth.Source)),
        SourceUuid = Read<Guid>(item, nameof(VmMigrationBandwidth.SourceUuid), ToGuid),
        Destination = ReadName(item, nameof(VmMigrationBandwidth.Destination)),
        DestinationUuid = Read<Guid>(item, nameof(VmMigrationBandwidth.DestinationUuid), ToGuid),
        Vm = TransformationInput.ReadText(item, nameof(VmMigrationBandwidth.Vm)) ?? string.Empty,
        StartTime = Require(item, nameof(VmMigrationBandwidth.StartTime), ToTime),
        BytesPerSecond = Require(item, nameof(VmMigrationBandwidth.BytesPerSecond), ToPositive),
        Transferred = Require(item, nameof(VmMigrationBandwidth.Transferred), ToPositive),
        Duration = Require(item, nameof(VmMigrationBandwidth.Duration), ToDuration),
        Overhead = Require(item, nameof(VmMigrationBandwidth.Overhead), ToDuration),
        Connections = (int)(Read<long>(item, nameof(VmMigrationBandwidth.Connections), ToPositive) ?? 1),
        Limit = Read<long>(item, nameof(VmMigrationBandwidth.Limit), ToPositive),
    };

    private static string ReadName(object? item, string property) => TransformationInput.ReadText(item, property) ?? throw Refuse(property, null);

    private static T Require<T>(object? item, string property, Func<object, T?> convert)
        where T : struct => Read(item, property, convert) ?? throw Refuse(property, null);

    // What is left out, or empty as in a CSV file, is null.
    private static T? Read<T>(object? item, string property, Func<object, T?> convert)
        where T : struct
    {
        var value = TransformationInput.ReadValue(item, property);
        return TransformationInput.ReadText(item, property) is null ? null : convert(value!) ?? throw Refuse(property, value);
    }

    private static ArgumentTransformationMetadataException Refuse(string property, object? value) => new(value is null
        ? $"A bandwidth record has no {property}. {Advice}"
        : $"'{value}' is not valid as the {property} of a bandwidth record. {Advice}");

    private static long? ToPositive(object value) =>
        long.TryParse(Text(value), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;

    private static Guid? ToGuid(object value) => Guid.TryParse(Text(value), out var uuid) ? uuid : null;

    // JSON has the parts of a time span, of which the ticks are all that is needed.
    private static TimeSpan? ToDuration(object value)
    {
        if (TransformationInput.ReadText(value, nameof(TimeSpan.Ticks)) is { } ticks)
        {
            return long.TryParse(ticks, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= 0 ? new TimeSpan(number) : null;
        }

        return TimeSpan.TryParse(Text(value), CultureInfo.InvariantCulture, out var duration) && duration >= TimeSpan.Zero ? duration : null;
    }

    // A CSV file has times as the session's culture writes them; Clixml has a time's parts.
    private static DateTimeOffset? ToTime(object value) => TransformationInput.Unwrap(value) switch
    {
        DateTimeOffset time => time,
        DateTime time => new DateTimeOffset(time),
        PSCustomObject when TransformationInput.ReadValue(value, nameof(DateTimeOffset.UtcDateTime)) is DateTime time => new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)),
        _ when DateTimeOffset.TryParse(Text(value), CultureInfo.CurrentCulture, out var time) => time,
        _ when DateTimeOffset.TryParse(Text(value), CultureInfo.InvariantCulture, out var time) => time,
        _ => null,
    };

    private static string? Text(object value) => Convert.ToString(TransformationInput.Unwrap(value), CultureInfo.InvariantCulture);
}
