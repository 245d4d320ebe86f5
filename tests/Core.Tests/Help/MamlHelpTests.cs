using Xunit;

namespace VirtMigrate.Tests.Help;

/// <summary>The MAML keeps in step with the pages that it is made of, and with the cmdlets. After a change: build.ps1 Docs.</summary>
public sealed class MamlHelpTests
{
    public static TheoryData<string> Cmdlets => [.. HelpSurface.Cmdlets.Keys];

    [Fact]
    public void There_is_help_for_every_cmdlet_and_for_nothing_else() =>
        Assert.Equal(HelpSurface.Cmdlets.Keys.Order(StringComparer.Ordinal), MamlHelp.All.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void Its_parameters_are_those_of_the_cmdlet(string cmdlet)
    {
        var expected = HelpSurface.Cmdlets[cmdlet];

        Assert.Equal(Lines(expected.Select(p => p.WithoutSets())), Lines(MamlHelp.All[cmdlet].Parameters));
        Assert.Equal(
            expected.Select(p => p.Name).Order(StringComparer.Ordinal), MamlHelp.All[cmdlet].SyntaxParameters.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Cmdlets))]
    public void It_says_what_the_page_says(string cmdlet)
    {
        var page = HelpPage.All.Single(p => string.Equals(p.Name, cmdlet, StringComparison.Ordinal));
        var help = MamlHelp.All[cmdlet];

        Assert.Equal(page.Examples.Count(), help.Examples.Count());
        Assert.All(help.Examples, code => Assert.Contains(code.Trim(), page.Text, StringComparison.Ordinal));
        Assert.Equal(Words(page.ExampleText).Order(StringComparer.Ordinal), Words(help.ExampleText).Order(StringComparer.Ordinal));
        Assert.Equal(Words(page.Description), Words(help.Description));
        Assert.All(help.Parameters, p => Assert.Equal(Words(page.Describe(p.Name)), Words(help.Describe(p.Name))));
        Assert.Contains(string.Join(' ', Words(help.Synopsis)), string.Join(' ', Words(page.Text)), StringComparison.Ordinal);
    }

    // Line breaks and the marks of Markdown are the page's alone.
    private static string[] Words(string text) =>
        text.Replace("`", string.Empty, StringComparison.Ordinal).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static IEnumerable<string> Lines(IEnumerable<HelpParameter> parameters) =>
        parameters.Select(p => p.ToString()).Order(StringComparer.Ordinal);
}
