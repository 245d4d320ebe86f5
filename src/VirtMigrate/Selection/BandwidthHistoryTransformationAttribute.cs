using System.Globalization;
using System.Management.Automation;
using VirtMigrate.Failures;

namespace VirtMigrate.Selection;

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
