using System.Globalization;
using System.Management.Automation;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>Records of what migrations achieved come back from files as they went there.</summary>
public sealed class BandwidthInputTests
{
    private const string Take = "function Take([VirtMigrate.Selection.BandwidthHistoryTransformation()] $History) { $History }; Take $value";

    private static readonly VmMigrationBandwidth Full = new()
    {
        Source = "kvm1",
        SourceUuid = Guid.NewGuid(),
        Destination = "kvm2",
        DestinationUuid = Guid.NewGuid(),
        Vm = "db1",
        StartTime = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)),
        BytesPerSecond = 25_000_000,
        Transferred = 300_000_000,
        Duration = TimeSpan.FromSeconds(12.345),
        Overhead = TimeSpan.FromSeconds(1.5),
        Connections = 4,
        Limit = 30_000_000,
    };

    private static readonly VmMigrationBandwidth Sparse = Full with { SourceUuid = null, DestinationUuid = null, Limit = null };

    [Fact]
    public void Live_records_are_taken_alone_and_together()
    {
        Assert.Equal([Full], Taken(Full));
        Assert.Equal([Full, Sparse], Taken(new[] { Full, Sparse }));
    }

    [Fact]
    public void Rows_of_a_csv_file_are_taken()
    {
        // Export-Csv writes each property as its text, and nothing for null; Import-Csv reads texts.
        Assert.Equal([Full, Sparse], Taken(new[] { Row(Full), Row(Sparse) }));
    }

    [Fact]
    public void Serialized_records_are_taken() =>
        Assert.Equal([Full, Sparse], Taken(PSSerializer.Deserialize(PSSerializer.Serialize(new[] { Full, Sparse }, 3))));

    [Fact]
    public void Records_read_from_json_are_taken()
    {
        // ConvertTo-Json writes a time span in parts; ConvertFrom-Json makes a DateTime of a time.
        var read = Row(Full);
        foreach (var (name, value) in new (string, object)[]
        {
            ("Duration", Object(("Ticks", Full.Duration.Ticks), ("Seconds", 12L))), ("Overhead", Object(("Ticks", Full.Overhead.Ticks))),
            ("StartTime", Full.StartTime.UtcDateTime), ("BytesPerSecond", Full.BytesPerSecond),
        })
        {
            read.Properties[name].Value = value;
        }

        Assert.Equal([Full], Taken(read));
    }

    [Theory]
    [InlineData("BytesPerSecond", "fast", "'fast' is not valid as the BytesPerSecond of a bandwidth record")]
    [InlineData("BytesPerSecond", "0", "'0' is not valid as the BytesPerSecond of a bandwidth record")]
    [InlineData("Duration", "a while", "'a while' is not valid as the Duration of a bandwidth record")]
    [InlineData("StartTime", "", "has no StartTime")]
    [InlineData("Destination", "", "has no Destination")]
    [InlineData("SourceUuid", "kvm1", "'kvm1' is not valid as the SourceUuid of a bandwidth record")]
    public void A_row_that_is_no_record_is_refused_with_what_is_wrong_and_what_to_give(string property, string value, string message)
    {
        var row = Row(Full);
        row.Properties[property].Value = value;

        AssertRefused(row, message);
    }

    [Fact]
    public void What_is_no_record_at_all_is_refused()
    {
        AssertRefused("links.csv", "The value can't be an object of type 'System.String'");
        AssertRefused(Object(("Name", "kvm1")), "A bandwidth record has no Source");
    }

    private static void AssertRefused(object value, string message)
    {
        var error = Assert.Single(ModuleRun.Of(Take, ("value", value)).Errors);

        Assert.StartsWith("ParameterArgumentTransformationError", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        Assert.Contains("Give records of Get-VmMigrationBandwidth", error.ToString(), StringComparison.Ordinal);
    }

    private static VmMigrationBandwidth[] Taken(object value)
    {
        var run = ModuleRun.Of(Take, ("value", value));
        Assert.Empty(run.Errors);
        return [.. run.Output.Select(o => Assert.IsType<VmMigrationBandwidth>(o.BaseObject))];
    }

    private static PSObject Row(VmMigrationBandwidth record) => Object(
        [.. typeof(VmMigrationBandwidth).GetProperties().Select(p => (p.Name, (object)Convert.ToString(p.GetValue(record), CultureInfo.CurrentCulture)!))]);

    private static PSObject Object(params (string Name, object Value)[] properties)
    {
        var made = new PSObject();
        foreach (var (name, value) in properties)
        {
            made.Properties.Add(new PSNoteProperty(name, value));
        }

        return made;
    }
}
