using System.Globalization;
using VirtMigrate.Hosts;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness;

public sealed class FindingTextTests
{
    private static readonly CommandWord Name = new("it's");

    [Fact]
    public void A_name_is_quoted_in_advice_for_its_command_and_nowhere_else()
    {
        FindingText text = $"'{Name}': virsh start {Name}; " + $"Get-Vm {Name}";

        Assert.Equal("'it's': virsh start it's; Get-Vm it's", text.ToMessage());
        Assert.Equal("'it's': virsh start 'it'\"'\"'s'; Get-Vm 'it''s'", text.ToAdvice());
    }

    [Fact]
    public void A_text_within_another_keeps_its_names_apart_from_its_words()
    {
        FindingText inner = $"virsh start {Name}";
        FindingText text = $"Run this: {inner}, {2}";

        Assert.Equal("Run this: virsh start 'it'\"'\"'s', 2", text.ToAdvice());
    }

    [Fact]
    public void Lists_are_told_with_commas_between()
    {
        string?[] names = ["vda", null, "vdb"];
        FindingText text = $"{names} and {Enumerable.Range(2, 1)}";

        Assert.Equal("vda, , vdb and 2", text.ToMessage());
    }

    [Fact]
    public void A_text_is_the_same_in_every_culture_and_takes_braces_as_they_are()
    {
        var before = CultureInfo.CurrentCulture;
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = culture;
            FindingText text = $"{1.5} {{0}} {"{1}"}";

            Assert.Equal("1.5 {0} {1}", text.ToMessage());
            Assert.Equal("1.5 {0} {1}", text.ToAdvice());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void This_computer_starts_a_sentence_with_a_capital_and_a_host_does_not()
    {
        FindingText here = $"{"this computer"} finds it.";
        FindingText there = $"{"kvm1"} finds it.";

        Assert.Equal(("This computer finds it.", "kvm1 finds it."), (here.ToMessage(), there.ToMessage()));
    }
}
