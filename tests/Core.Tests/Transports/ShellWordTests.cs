using CliWrap;
using CliWrap.Buffered;
using CsCheck;
using VirtMigrate.Hosts;
using VirtMigrate.Tests.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Quoting, read back by those who will read it.</summary>
public sealed class ShellWordTests
{
    private static readonly string[] Nasty =
    [
        "", "--help", "-oProxyCommand=x", "$(touch pwned)", "`id`", "a'b\"c", "a\\", "\\'", "'\\''", "\\\\", "\"\\", "a b", "a\nb", "*", "~", "~root", "=ls", "#c",
        "a;b", "a&b|c>d", "é\u0301漢", "\u001b[31m", "!!", "%self", "{a,b}", "a\tb", "\r",
    ];

    [Theory]
    [InlineData("sh")]
    [InlineData("bash")]
    [InlineData("dash")]
    public async Task A_shell_reads_every_word_back_as_it_was(string shell)
    {
        // One shell reads many words, so that the property is tried on enough of them.
        string[] words = [.. Nasty, .. Gen.String[Gen.Char['\u0001', '\u024F'], 0, 24].Array[300].Single(), .. Some(300, '\'', '"', '\\', ' ', 'a', '$', '`')];

        var result = await Cli.Wrap(shell).WithArguments(["-c", "printf '%s\\0' " + ShellWord.Join(words)]).ExecuteBufferedAsync(Stop);

        Assert.Equal(words, result.StandardOutput.Split('\0')[..^1]);
    }

    [Fact]
    public async Task Virsh_reads_every_word_back_as_it_was()
    {
        LibvirtTools.Require();
        string[] words = [.. Nasty, .. Some(200, '\'', '"', '\\', ' ', 'a', ';', '#', '-')];
        const string Mark = "-end-";
        var script = string.Join($"; echo {Mark}; ", words.Append("last").Select(w => ShellWord.Join(["echo", "--", w])));

        var result = await Cli.Wrap("virsh").WithArguments(["-q", "-c", "test:///default", script]).ExecuteBufferedAsync(Stop);

        Assert.Equal(words, result.StandardOutput.Split(Mark)[..^1]);
    }

    [Fact]
    public async Task A_word_comes_through_two_shells()
    {
        string[] words = [.. Nasty, .. Some(50, '\'', '"', '\\', ' ', 'a')];
        var inner = "printf '%s\\0' " + ShellWord.Join(words);

        var result = await Cli.Wrap("bash").WithArguments(["-c", ShellWord.Join(["sh", "-c", inner])]).ExecuteBufferedAsync(Stop);

        Assert.Equal(words, result.StandardOutput.Split('\0')[..^1]);
    }

    private static string[] Some(int count, params char[] characters) =>
        Gen.String[Gen.Int[0, characters.Length - 1].Select(i => characters[i]), 1, 12].Array[count].Single();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}
