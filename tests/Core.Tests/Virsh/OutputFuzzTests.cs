using System.Text;
using CsCheck;
using VirtMigrate.Options;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Virsh;

/// <summary>Output that is not as virsh prints it is refused as such, whatever it is, and never read as something that is not there.</summary>
public sealed class OutputFuzzTests
{
    private static readonly string[] Garbage =
    [
        "\n", "\n\n", "\r\n", "\0", " ", "   ", "=", ":", "'", "\"", "\t", "\u001b[31m", "\\x0a", "\\xff", "\\x", "\ud800", "\udc00", "\uffff", "é", "-", "-1",
        "99999999999999999999", "9223372036854775807", "<", ">", "&", "&#10;", "</domain>", "<!DOCTYPE x [<!ENTITY y 'z'>]>&y;", "]]>", "Domain: 'x'\n",
        "  state.state=5\n", "block.0.name=vdz\n", "error: no\n",
    ];

    private static readonly Gen<(int Kind, double At, double To, int Text)> Change =
        Gen.Select(Gen.Int[0, 5], Gen.Double[0, 1], Gen.Double[0, 1], Gen.Int[0, Garbage.Length - 1]);

    public static TheoryData<string> Samples => [.. OutputSamples.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Samples))]
    public void What_virsh_printed_is_read(string name)
    {
        var sample = OutputSamples.Find(name);
        Assert.Equal(sample.Expected, sample.Read(sample.Text).Count());
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void Any_other_text_is_read_or_refused_as_what_virsh_should_not_have_printed(string name)
    {
        var sample = OutputSamples.Find(name);
        Change.Array[1, 4].Sample(changes => _ = Read(sample, changes.Aggregate(sample.Text, Apply)), iter: 3000);
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public void A_text_that_was_cut_off_tells_nothing_that_the_whole_one_does_not(string name)
    {
        var sample = OutputSamples.Find(name);
        var whole = sample.Read(sample.Text).ToHashSet(StringComparer.Ordinal);
        for (var length = 0; length < sample.Text.Length; length++)
        {
            Assert.Subset(whole, Read(sample, sample.Text[..length]).ToHashSet(StringComparer.Ordinal));
        }
    }

    private static string[] Read(OutputSample sample, string text)
    {
        try
        {
            return [.. sample.Read(text)];
        }
        catch (VirshOutputException e)
        {
            // The message is for a terminal.
            Assert.DoesNotContain(e.Message, char.IsControl);
            return [];
        }
    }

    private static string Apply(string text, (int Kind, double At, double To, int Text) change)
    {
        if (text.Length == 0)
        {
            return Garbage[change.Text];
        }

        var at = (int)(change.At * text.Length);
        var to = Math.Min(text.Length, at + 1 + (int)(change.To * change.To * 40));
        var lines = text.Split('\n');
        var line = (int)(change.At * (lines.Length - 1));
        var other = (int)(change.To * (lines.Length - 1));
        switch (change.Kind)
        {
            case 0:
                return text.Remove(at, to - at);
            case 1:
                return text.Insert(at, Garbage[change.Text]);
            case 2:
                return text[..at];
            case 3:
                return string.Join('\n', [.. lines[..line], lines[line], .. lines[line..]]);
            case 4:
                (lines[line], lines[other]) = (lines[other], lines[line]);
                return string.Join('\n', lines);
            default:
                return new StringBuilder(text) { [Math.Min(at, text.Length - 1)] = Garbage[change.Text][0] }.ToString();
        }
    }
}
