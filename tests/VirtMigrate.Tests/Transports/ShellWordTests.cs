using CliWrap;
using CliWrap.Buffered;
using CsCheck;
using VirtMigrate.Hypervisor.Processes;

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
        string[] words = [.. Nasty, .. Gen.String[Gen.Char['\u0001', '\u024F'], 0, 24].Array[300].Single(), .. Gen.String[Gen.OneOfConst('\'', '"', '\\', ' ', 'a', '$', '`'), 0, 12].Array[300].Single()];

        var result = await Cli.Wrap(shell).WithArguments(["-c", "printf '%s\\0' " + ShellWord.Join(words)]).ExecuteBufferedAsync(Stop);

        Assert.Equal(words, result.StandardOutput.Split('\0')[..^1]);
    }

    [Fact]
    public async Task Virsh_reads_every_word_back_as_it_was()
    {
        // Virsh prints what echo is given, so that what ends a line has to stay out of it.
        string[] words = [.. Nasty.Where(w => !w.Contains('\n', StringComparison.Ordinal)), .. Gen.String[Gen.OneOfConst('\'', '"', '\\', ' ', 'a', ';', '#', '-'), 1, 12].Array[200].Single()];
        var script = string.Join("; ", words.Select(w => ShellWord.Join(["echo", "--", w])));

        var result = await Cli.Wrap("virsh").WithArguments(["-q", "-c", "test:///default", script]).ExecuteBufferedAsync(Stop);

        Assert.Equal(words, result.StandardOutput.Split('\n')[..^1]);
    }

    [Fact]
    public async Task A_word_comes_through_two_shells()
    {
        string[] words = [.. Nasty, .. Gen.String[Gen.OneOfConst('\'', '"', '\\', ' ', 'a'), 0, 8].Array[50].Single()];
        var inner = "printf '%s\\0' " + ShellWord.Join(words);

        var result = await Cli.Wrap("bash").WithArguments(["-c", ShellWord.Join(["sh", "-c", inner])]).ExecuteBufferedAsync(Stop);

        Assert.Equal(words, result.StandardOutput.Split('\0')[..^1]);
    }

    [Fact]
    public void What_no_command_line_can_hold_is_refused() => Assert.Throws<ArgumentException>(() => ShellWord.Quote("a\0b"));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;
}
