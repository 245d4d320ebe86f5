using Xunit;

namespace VirtMigrate.Tests.Surface;

public sealed class ErrorPageTests
{
    [Fact]
    public void The_page_of_errors_tells_every_reason()
    {
        var page = File.ReadLines(Path.Combine(ProjectRoot.Path, "docs", "en-US", "about_VmMigrationErrors.md"));

        // After a change of the reasons or their messages, these lines go into the page.
        var expected = ErrorPage.Lines().ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', expected));
        Assert.Equal(expected, page.SkipWhile(l => !string.Equals(l, expected[0], StringComparison.Ordinal)).TakeWhile(l => l.StartsWith('|')));
    }
}
