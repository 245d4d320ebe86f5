using System.Management.Automation;
using Xunit;

namespace VirtMigrate.Tests.Help;

/// <summary>The pages of the cmdlets keep in step with the cmdlets.</summary>
public sealed class HelpPageTests
{
    private static readonly string[] Sections =
        ["SYNOPSIS", "SYNTAX", "ALIASES", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"];

    public static TheoryData<string> Pages => [.. HelpPage.All.Select(p => p.Name)];

    [Fact]
    public void Every_exported_cmdlet_has_a_page_and_every_page_a_cmdlet()
    {
        var exported = ScriptBlock.Create(File.ReadAllText(Path.Combine(ProjectRoot.Path, "VirtMigrate.psd1")));
        var manifest = (System.Collections.Hashtable)((System.Management.Automation.Language.ScriptBlockAst)exported.Ast)
            .Find(a => a is System.Management.Automation.Language.HashtableAst, searchNestedScriptBlocks: false)!.SafeGetValue();
        var cmdlets = ((object[])manifest["CmdletsToExport"]!).Cast<string>().Order(StringComparer.Ordinal).ToArray();

        Assert.Equal(cmdlets, HelpPage.All.Select(p => p.Name));
        Assert.Equal(cmdlets, HelpSurface.Cmdlets.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_tells_every_parameter_as_it_is_and_no_other(string cmdlet) =>
        Assert.Equal(Lines(HelpSurface.Cmdlets[cmdlet]), Lines(Page(cmdlet).Parameters));

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_tells_what_comes_out(string cmdlet) =>
        Assert.Equal(HelpSurface.Outputs[cmdlet], Page(cmdlet).Outputs);

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_has_all_of_its_sections_and_no_gaps(string cmdlet)
    {
        var page = Page(cmdlet);

        Assert.Equal(Sections, page.Sections);
        Assert.DoesNotContain("{{", page.Text, StringComparison.Ordinal);
        Assert.All(page.Parameters, p => Assert.True(page.Describe(p.Name).Length > 20, $"-{p.Name} is not described."));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_lists_the_values_of_every_enumeration(string cmdlet)
    {
        var page = Page(cmdlet);

        foreach (var parameter in page.Parameters)
        {
            var type = Type.GetType($"{parameter.Type.Replace("[]", string.Empty, StringComparison.Ordinal)}, VirtMigrate.Core");
            Assert.Equal(type?.IsEnum == true ? Enum.GetNames(type) : [], page.AcceptedValues(parameter.Name));
        }
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_has_three_examples_or_more(string cmdlet)
    {
        var page = Page(cmdlet);

        Assert.True(page.Examples.Count() >= 3, $"There are {page.Examples.Count()}.");
        Assert.True(page.Text.Split("```powershell").Length > page.Examples.Count(), "An example has no code.");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_link_of_a_page_leads_to_a_page(string cmdlet) =>
        Assert.All(Page(cmdlet).Links, link => Assert.True(File.Exists(Path.Combine(HelpPage.Folder, link)), link));

    private static HelpPage Page(string cmdlet) => HelpPage.All.Single(p => string.Equals(p.Name, cmdlet, StringComparison.Ordinal));

    private static IEnumerable<string> Lines(IEnumerable<HelpParameter> parameters) =>
        parameters.Select(p => p.ToString()).Order(StringComparer.Ordinal);
}
