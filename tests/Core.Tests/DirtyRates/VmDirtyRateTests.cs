using System.Text.Json;
using VirtMigrate.Estimation;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.DirtyRates;

/// <summary>What a measured dirty rate says of itself as a text and as JSON.</summary>
public sealed class VmDirtyRateTests
{
    private const long MiB = 1 << 20;

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
}
