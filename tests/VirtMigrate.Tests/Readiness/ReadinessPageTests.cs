using System.Collections;
using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using VirtMigrate.Model;
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
        var folder = Path.Combine(ProjectRoot.Path, "tests", "VirtMigrate.Tests", "Readiness");

        Assert.All(ReadinessChecks.All, c => Assert.True(File.Exists(Path.Combine(folder, c.Category.ToString(), $"{c.Id}CheckTests.cs")), c.Id));
    }

    [Fact]
    public void Every_text_belongs_to_a_check_and_every_finding_against_a_vm_has_advice()
    {
        var ids = ReadinessChecks.All.ToLookup(c => c.Category, c => c.Id);
        foreach (var category in Enum.GetValues<ReadinessCategory>())
        {
            var names = Names(category);
            Assert.All(names, n => Assert.Contains(n.Split('_')[0], ids[category]));
            Assert.All(names.Where(n => n.EndsWith("_Error", StringComparison.Ordinal)), n =>
                Assert.Contains(n.Replace("_Error", "_Action", StringComparison.Ordinal), names));
        }
    }

    [Fact]
    public void Every_finding_that_a_check_makes_has_its_text()
    {
        var source = Path.Combine(ProjectRoot.Path, "src", "VirtMigrate.Core", "Readiness", "Checks");
        foreach (var check in ReadinessChecks.All)
        {
            var code = File.ReadAllText(Path.Combine(source, check.Category.ToString(), $"{check.Id}Check.cs"));
            var names = Names(check.Category);
            foreach (Match finding in Regex.Matches(code, "(?<kind>Passed|Warning|Failed|NotVerified|NotApplicable)\\(\"(?<name>\\w+)\"", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)))
            {
                var name = $"{check.Id}_{finding.Groups["name"].Value}";
                Assert.Contains(name, names);
                if (finding.Groups["kind"].Value is "Failed" or "Warning" or "NotVerified")
                {
                    Assert.Contains(name + "_Action", names);
                }
            }
        }
    }

    private static List<string> Names(ReadinessCategory category)
    {
        var resources = new ResourceManager($"VirtMigrate.Readiness.Texts.{category}", typeof(ReadinessCheck).Assembly);
        return [.. resources.GetResourceSet(CultureInfo.InvariantCulture, createIfNotExists: true, tryParents: false)!
            .Cast<DictionaryEntry>().Select(e => (string)e.Key)];
    }
}
