using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness;

public sealed class ReadinessPageTests
{
    [Fact]
    public void The_page_of_checks_tells_every_check()
    {
        var page = File.ReadLines(Path.Combine(ProjectRoot.Path, "docs", "en-US", "about_VmMigrationReadiness.md"));

        // After a change of the checks, these lines go into the page.
        var expected = ReadinessPage.Lines().ToArray();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', expected));
        Assert.Equal(expected, page.SkipWhile(l => !string.Equals(l, expected[0], StringComparison.Ordinal)).TakeWhile(l => l.StartsWith('|')));
    }

    [Fact]
    public void Every_check_has_a_test_of_its_own()
    {
        var folder = Path.Combine(ProjectRoot.Path, "tests", "Core.Tests", "Readiness");

        Assert.All(ReadinessCheck.All, c => Assert.True(File.Exists(Path.Combine(folder, c.Category.ToString(), $"{c.Id}CheckTests.cs")), c.Id));
    }
}
