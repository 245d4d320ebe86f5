using VirtMigrate.Errors;
using VirtMigrate.Failures;
using Xunit;

namespace VirtMigrate.Tests.Help;

/// <summary>The about pages: every error is told, and the package has them as Get-Help reads them.</summary>
public sealed class AboutPageTests
{
    // A job's own, for a defect.
    private const string Defect = "UnexpectedError";

    [Fact]
    public void The_page_of_errors_tells_every_id_and_no_other()
    {
        var ids = FailureTable.All.Concat(SessionFailures.Rows).Select(f => f.Id).Distinct(StringComparer.Ordinal).Append(Defect).Order(StringComparer.Ordinal);
        var told = File.ReadLines(Path.Combine(HelpPage.Folder, "about_VirtMigrateErrors.md"))
            .Where(l => l.StartsWith("### ", StringComparison.Ordinal)).Select(l => l[4..]).Order(StringComparer.Ordinal);

        Assert.Equal(ids, told);
    }

    [Fact]
    public void Every_error_that_a_page_of_a_cmdlet_names_is_one()
    {
        var known = File.ReadAllText(Path.Combine(HelpPage.Folder, "about_VirtMigrateErrors.md"));

        Assert.All(HelpPage.All.SelectMany(p => p.Errors.Select(id => (p.Name, Id: id))),
            error => Assert.True(known.Contains($"\n### {error.Id}\n", StringComparison.Ordinal), $"{error.Name}: {error.Id}"));
    }

    [Fact]
    public void The_package_has_the_help_and_every_about_page()
    {
        var package = Path.Combine(ProjectRoot.Path, "out", "VirtMigrate");
        Assert.SkipUnless(Directory.Exists(package), "There is no package yet: build.ps1 Build makes it.");

        var help = Path.Combine(package, "en-US");
        Assert.Equal(File.ReadAllText(MamlHelp.File), File.ReadAllText(Path.Combine(help, Path.GetFileName(MamlHelp.File))));
        Assert.All(Directory.EnumerateFiles(HelpPage.Folder, "about_*.md"), page =>
        {
            var topic = File.ReadAllText(Path.Combine(help, Path.GetFileNameWithoutExtension(page) + ".help.txt"));
            Assert.All(File.ReadLines(page).Where(l => l.Length > 0 && char.IsLetter(l[0])), line => Assert.Contains(Plain(line), topic, StringComparison.Ordinal));
        });
    }

    private static string Plain(string markdown) =>
        markdown.Replace("`", string.Empty, StringComparison.Ordinal).Replace("**", string.Empty, StringComparison.Ordinal);
}
