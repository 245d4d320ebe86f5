using VirtMigrate.Estimation;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

public sealed class PageCountTests
{
    private const long MiB = 1024 * 1024;

    [Theory]
    [InlineData(14, 1, 7, 0)]
    [InlineData(7, 2, 7, 0)]
    [InlineData(3, 10, 17, 2)]
    public void A_rate_tells_how_many_pages_were_found_changed(long rate, int seconds, double pages, double variance)
    {
        var count = Count(rate, seconds);

        Assert.Equal(pages, count.Mean, 1e-6);
        Assert.Equal(variance, count.Variance, 1e-6);
    }

    [Fact]
    public void Whatever_number_a_rate_was_made_from_is_among_those_that_are_thought_of()
    {
        foreach (var seconds in (int[])[1, 2, 5, 10, 30])
        {
            for (var pages = 0; pages <= 128; pages++)
            {
                // Uniform numbers are half as many apart as the root of twelve times their variance, and one.
                var count = Count(2 * pages / seconds, seconds);
                var width = Math.Sqrt((12 * count.Variance) + 1);
                Assert.True(Math.Abs(pages - count.Mean) <= ((width - 1) / 2) + 1e-6, $"{pages} pages in {seconds} s, taken for {count}");
            }
        }
    }

    [Fact]
    public void A_rate_that_no_whole_number_gives_lies_in_the_middle_of_its_step() => Assert.Equal(2.75, Count(5, 1).Mean, 1e-6);

    private static PageCount Count(long rate, int seconds) => PageCount.Of(new(rate * MiB, TimeSpan.FromSeconds(seconds), null));
}
