using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class OptionPageTests
{
    [Fact]
    public void The_option_page_is_the_option_table()
    {
        var page = File.ReadLines(Path.Combine(ProjectRoot.Path, "docs", "en-US", "about_VmMigrationOptions.md"));

        // After a change of the table, these lines go into the page.
        var expected = OptionPage.Lines().ToArray();
        Assert.Equal(expected, page.SkipWhile(l => !string.Equals(l, expected[0], StringComparison.Ordinal)).TakeWhile(l => l.StartsWith('|')));
    }
}
