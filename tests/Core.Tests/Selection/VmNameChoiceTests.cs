using System.Management.Automation;
using CsCheck;
using VirtMigrate.Selection;
using Xunit;

namespace VirtMigrate.Tests.Selection;

/// <summary>What a text stands for among the names of VMs.</summary>
public sealed class VmNameChoiceTests
{
    public static TheoryData<string, string[], string[], string, string[]> Rule => new()
    {
        // The text, the VMs here and elsewhere; what it is, and what it stands for.
        { "web1", ["web1", "web10"], [], "Name", ["web1"] },
        { "web9", ["web1"], [], "Unknown", [] },
        { "web*", ["web1", "WEB2", "db"], [], "Pattern", ["web1", "WEB2"] },
        { "web*", ["db"], [], "Pattern", [] },

        // A name is its VM, whatever characters are in it.
        { "win10 [prod]", ["win10 p", "win10 [prod]"], [], "Name", ["win10 [prod]"] },
        { "win10 [prod]", ["win10 p", "WIN10 [PROD]"], [], "Name", ["WIN10 [PROD]"] },
        { "web*", ["web1", "web*"], [], "Name", ["web*"] },
        { "win10 [prod]", ["win10 p"], [], "Pattern", ["win10 p"] },

        // Nor is it a wildcard while a VM elsewhere has it.
        { "win10 [prod]", ["win10 p"], ["win10 [prod]"], "Elsewhere", ["win10 [prod]"] },
        { "win10 [PROD]", ["win10 p"], ["win10 [prod]"], "Elsewhere", ["win10 [prod]"] },
        { "win10 [prod]", ["win10 [prod]"], ["win10 [prod]"], "Name", ["win10 [prod]"] },
        { "web1", ["db"], ["web1"], "Elsewhere", ["web1"] },

        // Its own case first.
        { "WEB", ["web", "WEB", "Web"], [], "Name", ["WEB"] },
        { "WEB", ["web"], [], "Name", ["web"] },
        { "WEB", ["web", "Web"], [], "Ambiguous", ["Web", "web"] },
        { "WEB", ["web"], ["WEB"], "Elsewhere", ["WEB"] },
        { "WEB", ["web"], ["Web"], "Name", ["web"] },
        { "A [b]", ["a [b]", "a [B]"], [], "Ambiguous", ["a [B]", "a [b]"] },

        // What is escaped is a name.
        { "win10 `[prod`]", ["win10 p", "win10 [prod]"], [], "Name", ["win10 [prod]"] },
        { "win10 `[PROD`]", ["win10 p", "win10 [prod]"], [], "Name", ["win10 [prod]"] },
        { "win10 `[prod`]", ["win10 p"], [], "Unknown", [] },
        { "win10 `[prod`]", ["win10 [prod]", "win10 `[prod`]"], [], "Name", ["win10 `[prod`]"] },
        { "win10 `[*", ["win10 [prod]", "win10 p"], [], "Pattern", ["win10 [prod]"] },
        { "a`b", ["a`b", "ab"], [], "Name", ["a`b"] },
        { "a`*", ["a*", "a`b"], [], "Name", ["a*"] },
        { "[", ["["], [], "Name", ["["] },
    };

    [Theory]
    [MemberData(nameof(Rule))]
    public void A_name_is_the_vm_that_has_it(string text, string[] here, string[] elsewhere, string kind, string[] names)
    {
        var choice = VmNameChoice.Of(text, here, elsewhere);

        Assert.Equal((kind, string.Join('|', names.Order(StringComparer.Ordinal))), (choice.Kind.ToString(), string.Join('|', choice.Names.Order(StringComparer.Ordinal))));
        Assert.Equal(kind is "Name" or "Pattern" ? names.Order(StringComparer.Ordinal) : [], here.Where(choice.Includes).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("win10 [prod]", "win10 p", "Undecided")]
    [InlineData("win10 [prod]", "db", "Pattern")]
    [InlineData("win10*", "win10 p", "Pattern")]
    [InlineData("win10 p", "win10 p", "Name")]
    public void A_host_that_says_nothing_may_have_the_vm_that_is_called_like_a_wildcard(string text, string here, string kind) =>
        Assert.Equal(kind, VmNameChoice.Of(text, [here], [], isComplete: false).Kind.ToString());

    [Fact]
    public void Any_name_is_its_vm_among_all_others_typed_as_it_is_or_escaped() => Gen.String[Gen.Char["aA[]*?`'$ -"], 1, 6].Array[1, 6].Sample(names =>
    {
        var name = names[0];
        var choice = VmNameChoice.Of(name, names);
        Assert.Equal([name], names.Where(choice.Includes).Distinct(StringComparer.Ordinal));
        Assert.True(choice.IsExact);

        // A name with backticks of its own has no escaped form that PowerShell reads back.
        var escaped = WildcardPattern.Escape(name);
        if (!name.Contains('`', StringComparison.Ordinal) && !names.Contains(escaped, StringComparer.OrdinalIgnoreCase))
        {
            Assert.Equal([name], names.Where(VmNameChoice.Of(escaped, names).Includes).Distinct(StringComparer.Ordinal));
        }
    });
}
