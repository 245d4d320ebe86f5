using System.Text;
using VirtMigrate.Formatting;
using Xunit;

namespace VirtMigrate.Tests.Views;

/// <summary>The chart of a migration's samples.</summary>
public sealed class SampleChartTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void A_bar_is_as_high_as_its_value_counted_from_zero() => Assert.Equal("▁▂▃▄▅▆▇█", SampleChart.Line([0, 1, 2, 3, 4, 5, 6, 7], isPlain: false));

    [Fact]
    public void Without_unicode_the_bars_are_signs() => Assert.Equal("_.-:=+*#", SampleChart.Line([0, 10, 20, 30, 40, 50, 60, 70], isPlain: true));

    [Fact]
    public void Where_all_is_zero_the_line_is_flat() => Assert.Equal("▁▁▁", SampleChart.Line([0, 0, 0], isPlain: false));

    [Fact]
    public void Equal_values_fill_the_line() => Assert.Equal("██", SampleChart.Line([5, 5], isPlain: false));

    [Fact]
    public void No_values_are_no_line() => Assert.Equal(string.Empty, SampleChart.Line([], isPlain: false));

    // Three quarters of the time at 10 MiB/s, the last quarter at 40.
    [Fact]
    public void The_rate_is_what_crossed_in_the_time_of_each_bar()
    {
        var lines = SampleChart.Draw([At(2, 0, 100), At(8, 60, 40), At(10, 140, 0)], "remaining", isPlain: false).Split('\n');

        Assert.Equal(new string('▃', 27) + new string('█', 9) + "  rate 10 MiB/s to 40 MiB/s, over 8.0 s", lines[0]);
    }

    [Fact]
    public void What_remains_is_what_the_last_sample_said()
    {
        var lines = SampleChart.Draw([At(0, 0, 700), At(5, 50, 400), At(10, 100, 0)], "remaining", isPlain: true).Split('\n');

        Assert.Equal(new string('#', 17) + new string('=', 18) + "_  remaining 0 B to 700 MiB", lines[1]);
    }

    [Fact]
    public void A_scale_of_one_value_says_it_once() =>
        Assert.EndsWith("  rate 10 MiB/s, over 10.0 s", SampleChart.Draw([At(0, 0, 5), At(10, 100, 5)], "remaining", isPlain: false).Split('\n')[0], StringComparison.Ordinal);

    [Fact]
    public void An_hour_of_samples_is_no_wider_than_a_second_of_them()
    {
        var hour = Enumerable.Range(0, 7200).Select(i => At(i / 2.0, i, 7200 - i)).ToArray();

        Assert.All(SampleChart.Draw(hour, "remaining", isPlain: false).Split('\n'), line => Assert.InRange(line.Length, 36, 78));
    }

    [Fact]
    public void A_count_that_starts_over_is_no_negative_rate() =>
        Assert.Contains("rate 0 B/s to ", SampleChart.Draw([At(0, 100, 5), At(5, 0, 5), At(10, 100, 5)], "remaining", isPlain: false), StringComparison.Ordinal);

    [Fact]
    public void One_sample_or_none_makes_no_chart()
    {
        Assert.False(SampleChart.IsPossible(null));
        Assert.False(SampleChart.IsPossible([]));
        Assert.False(SampleChart.IsPossible([At(1, 1, 1)]));
        Assert.False(SampleChart.IsPossible([At(1, 1, 1), At(1, 2, 1)]));
        Assert.Equal(string.Empty, SampleChart.Of([At(1, 1, 1)]));
        Assert.True(SampleChart.IsPossible([At(1, 1, 1), At(2, 2, 1)]));
    }

    [Fact]
    public void Only_a_console_of_unicode_gets_blocks()
    {
        Assert.True(SampleChart.IsUnicode(Encoding.UTF8));
        Assert.True(SampleChart.IsUnicode(new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)));
        Assert.True(SampleChart.IsUnicode(Encoding.Unicode));
        Assert.False(SampleChart.IsUnicode(Encoding.ASCII));
        Assert.False(SampleChart.IsUnicode(Encoding.Latin1));
    }

    [Fact]
    public void A_chart_of_iterations_says_so() => Assert.EndsWith("  remaining by iteration 5 MiB", SampleChart.OfIterations([At(0, 0, 5), At(9, 9, 5)]), StringComparison.Ordinal);

    private static MigrationSample At(double seconds, long transferred, long remaining) => new()
    {
        Elapsed = TimeSpan.FromSeconds(seconds),
        Transferred = transferred * MiB,
        Remaining = remaining * MiB,
    };
}
