using System.Globalization;
using System.Text.Json;
using VirtMigrate.Tests.Core;
using VirtMigrate.Tests.Surface;
using Xunit;
using VirtMigrate.Estimation;

namespace VirtMigrate.Tests.DirtyRates;

/// <summary>What a measured dirty rate looks like on a console of 100 columns, and in a file.</summary>
public sealed class DirtyRateViewTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void A_row_shows_the_longest_period()
    {
        var text = Print("$value");

        Assert.Contains("web kvm1 10 s DirtyRing 12 MiB/s 120 MiB", text, StringComparison.Ordinal);
    }

    // The engine alone has no Format-List; what the view's items say can be asked of them.
    [Fact]
    public void The_list_view_has_a_line_for_each_reading_and_point()
    {
        var items = ModuleRun.Of("""
            foreach ($item in [xml] [IO.File]::ReadAllText($file) | ForEach-Object SelectNodes "//View[ViewSelectedBy/TypeName='$($value.GetType())']//ListItem") {
                "$($item.Label): $($value | ForEach-Object ($item.ScriptBlock ? [scriptblock]::Create($item.ScriptBlock) : $item.PropertyName))"
            }
            """, ("value", Rate()), ("file", Path.Combine(AppContext.BaseDirectory, "VirtMigrate.DirtyRates.format.ps1xml")));

        Assert.Empty(items.Errors);
        var lines = string.Join('\n', items.Output).Split('\n');
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', lines));
        Assert.Contains("BytesPerSecond: 12 MiB/s", lines);
        Assert.Contains("Readings: 1 s: 40 MiB/s, 40 MiB distinct (from a measurement that was already running)", lines);
        Assert.Contains(lines, l => l.StartsWith("10 s: 12 MiB/s, 120 MiB distinct (", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.EndsWith(", vCPU 0: 4 MiB/s, vCPU 1: 8 MiB/s", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("Curve: 1 s: 4", StringComparison.Ordinal));
        Assert.Contains("10 s: 120 MiB", lines);
    }

    [Fact]
    public void Readings_are_a_table_of_their_own()
    {
        var text = Print("$value.Readings");

        Assert.Contains("1 s DirtyRing 40 MiB/s 40 MiB", text, StringComparison.Ordinal);
        Assert.Contains("10 s DirtyRing 12 MiB/s 120 MiB vCPU 0: 4 MiB/s, vCPU 1: 8 MiB/s", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_part_says_what_it_is_when_it_is_cut_to_a_text()
    {
        var rate = Rate();

        Assert.Equal("web: 12 MiB/s over 10 s", rate.ToString());
        Assert.Equal("40 MiB/s over 1 s", rate.Readings[0].ToString());
        Assert.Equal("10 s: 120 MiB", rate.Curve.Points[^1].ToString());
        Assert.Equal(string.Join(", ", rate.Curve.Points), rate.Curve.ToString());
    }

    [Fact]
    public void Json_has_the_curve_as_periods_and_bytes()
    {
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(Rate()));

        var last = json.RootElement.GetProperty("Curve").GetProperty("Points").EnumerateArray().Last();
        Assert.Equal("00:00:10", last.GetProperty("Period").GetString());
        Assert.InRange(last.GetProperty("Bytes").GetInt64(), 119 * MiB, 121 * MiB);
    }

    [Fact]
    public void A_serialized_rate_still_has_its_points_and_still_names_its_vm()
    {
        var run = ModuleRun.Of("""
            $back = [Management.Automation.PSSerializer]::Deserialize([Management.Automation.PSSerializer]::Serialize($value))
            $back.Curve.Points[-1].Bytes, $back.Readings[-1].BytesPerSecond, $back.Readings[-1].Vcpus.Count
            """, ("value", Rate()));

        Assert.Empty(run.Errors);
        Assert.InRange(Convert.ToInt64(run.Output[0].BaseObject, CultureInfo.InvariantCulture), 119 * MiB, 121 * MiB);
        Assert.Equal([12 * MiB, 2L], run.Output.Skip(1).Select(o => Convert.ToInt64(o.BaseObject, CultureInfo.InvariantCulture)));
    }

    private static VmDirtyRate Rate()
    {
        DirtyRateReading[] readings =
        [
            new(40 * MiB, TimeSpan.FromSeconds(1), null) { Mode = DirtyRateMode.DirtyRing },
            new(12 * MiB, TimeSpan.FromSeconds(10), DateTimeOffset.UnixEpoch)
            {
                Mode = DirtyRateMode.DirtyRing,
                Vcpus = [new(0, 4 * MiB), new(1, 8 * MiB)],
            },
        ];
        return new()
        {
            Vm = "web",
            Uuid = TestData.Uuid,
            VmHost = TestData.Host(),
            Readings = readings,
            Curve = ConcaveFit.Curve(readings, 256 * MiB),
        };
    }

    private static string Print(string script) => string.Join(' ', Lines(script));

    private static IEnumerable<string> Lines(string script)
    {
        var run = ModuleRun.Printed(script, ("value", Rate()));
        Assert.Empty(run.Errors);
        TestContext.Current.TestOutputHelper?.WriteLine(run.Text);
        Assert.All(run.Text.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 100, $"{line.Length} columns: {line}"));
        return run.Text.Split('\n').Select(l => string.Join(' ', l.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }
}
