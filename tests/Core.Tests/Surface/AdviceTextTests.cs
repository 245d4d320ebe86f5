using System.Management.Automation.Language;
using System.Text.RegularExpressions;
using CsCheck;
using VirtMigrate.Errors;
using VirtMigrate.Failures;
using VirtMigrate.Hosts;
using VirtMigrate.Tests.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>What advice has in its commands, read back by those who will read it.</summary>
public sealed class AdviceTextTests
{
    private static readonly string[] Hostile =
    [
        "win10 [prod]", "it's", "-rf", "--help", "a\"b", "a`b", "$(calc)", "$env:PATH", "a b", "a;b", "a|b", "a,b", "@a", "#a", "100", "0x10", "1kb", "1.5", "(a)", "{a}",
        "a&b", "\u2018a\u2019", "\u201Ea\u201D", "a'; Get-Vm", ">a", "%a", "~", "=ls", "\\", "é", "a: b. c",
    ];

    public static TheoryData<string> Names => [.. Hostile];

    [Fact]
    public void PowerShell_reads_every_word_back_as_it_was() =>
        Gen.OneOf(Gen.Int[0, Hostile.Length - 1].Select(i => Hostile[i]), Gen.String[Gen.Char['\u0020', '\u2020'], 1, 8], Gen.String[Gen.Char["a1'\"`$ -@(),;\u2019"], 1, 6])
            .Sample(word => Assert.Equal(word, Argument($"Start-VmMigration {PowerShellWord.Quote(word)} -VmHost kvm1")));

    [Theory]
    [MemberData(nameof(Names))]
    public void Errors_advise_commands_that_name_the_vm(string name)
    {
        var facts = new FailureFacts { Vm = name, Host = "the host", Destination = "other's host", HostUri = "test:///it's?a=b,c", DestinationUri = "test:///$d" };
        var places = new FailureFacts { Vm = "{0}", Host = "{1}", Destination = "{3}", HostUri = "{4}", DestinationUri = "{6}", Named = "{7}" };
        foreach (var failure in FailureTable.All.Concat(SessionFailures.Rows))
        {
            var text = Regex.Replace(
                AdviceRenderer.Render(failure.Advice(places)), "'(?<place>\\{[0-9]\\})'", "${place}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
            AssertNamed(name, text, "0", AdviceRenderer.Render(failure.Advice(facts)), failure.Id);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Checks_advise_commands_that_name_the_vm(string name)
    {
        var texts = CheckTexts.All().ToArray();
        foreach (var (check, text) in texts)
        {
            var values = new List<object?>();
            var format = Regex.Replace(text, "\\{[^{}]+\\}", Number, RegexOptions.None, TimeSpan.FromSeconds(1));
            var advice = AdviceText.Fill(format, [.. values]);

            string Number(Match place)
            {
                values.Add(place.Value switch
                {
                    "{context.VmName}" => new CommandWord(name),
                    "{context.SourceUri}" => new CommandWord("qemu+tcp://kvm1/system"),
                    "{context.DestinationUri}" => new CommandWord("qemu+tcp://kvm2/system"),
                    _ => (object)"x",
                });
                return $"{{{values.Count - 1}}}";
            }

            AssertNamed(name, text, "context\\.VmName", advice, check);
            Assert.DoesNotContain("Vm.Vm.Name}", text, StringComparison.Ordinal);
        }

        Assert.Equal(CheckTexts.CountInSources("{context.VmName}"), texts.Sum(t => Count(t.Text, "\\{context\\.VmName\\}")));
    }

    [Theory]
    [InlineData("Wait (Get-VmMigrationJob {0}), or end '{0}': virsh domjobabort {0}; Stop-VmMigration {0}. Then {0}", "ps '' sh ps sh")]
    [InlineData("Get-VmHost | Get-Vm {0} shows it; -NewName {0}", "ps ps")]
    [InlineData("Start-VmMigration {0:ps} -Unsafe:$false {0}: {0:sh}", "ps ps sh")]
    public void A_place_is_quoted_for_the_command_that_it_is_in(string text, string kinds)
    {
        var filled = AdviceText.Fill(text, new CommandWord("it's"));

        var expected = kinds.Split(' ').Select(k => k switch { "ps" => "'it''s'", "sh" => "'it'\"'\"'s'", _ => "'it's'" });
        Assert.Equal(expected, Regex.Matches(filled, "'it'\"'\"'s'|'it''s'|'it's'", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(m => m.Value));
    }

    // A bare word may end a sentence. Every cmdlet that is given the VM in the text is given it in the advice, and so is every command of virsh.
    private static void AssertNamed(string name, string text, string place, string advice, string id)
    {
        var cmdlets = Count(text, $"[A-Z][a-z]+-Vm[A-Za-z]* \\{{{place}\\}}");
        var arguments = Regex.Matches(advice, "(?<![A-Za-z])[A-Z][a-z]+-Vm[A-Za-z]* ", RegexOptions.None, TimeSpan.FromSeconds(1)).Select(m => Argument(advice[m.Index..]));
        Assert.True(cmdlets <= arguments.Count(a => string.Equals(a, name, StringComparison.Ordinal) || string.Equals(a, $"{name}.", StringComparison.Ordinal)), $"{id}: {advice}");

        var commands = Count(text, $"virsh (?:-c \\{{[\\w.]+\\}} )?[a-z-]+ \\{{{place}\\}}");
        Assert.True(commands <= Count(advice, $"virsh (?:-c (?:'[^ ]*'|[^ ]+) )?[a-z-]+ {Regex.Escape(ShellWord.Quote(name))}"), $"{id}: {advice}");
    }

    private static string? Argument(string command) =>
        Parser.ParseInput(command, out _, out _).Find(a => a is CommandAst, searchNestedScriptBlocks: true) is CommandAst { CommandElements: [_, StringConstantExpressionAst word, ..] }
            ? word.Value
            : null;

    private static int Count(string text, string pattern) => Regex.Count(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
}
