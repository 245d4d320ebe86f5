using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class ScriptArgumentTests
{
    private const string Script = """
        [CmdletBinding()]
        param([Parameter(Position = 0)][string]$Task, [string]$Filter, [switch]$Quick, [int]$Count)
        "$Task|$Filter|$Quick|$Count"
        "$([IO.Path]::GetFileName($PSCommandPath)) $($PSScriptRoot -eq [IO.Path]::GetDirectoryName($PSCommandPath))"
        """;

    [Theory]
    [InlineData("Test||False|0", "Test")]
    [InlineData("Test|a b|True|-5", "Test", "-Filter", "a b", "-Quick", "-Count", "-5")]
    [InlineData("Test|it's \"$x\" `n|False|0", "Test", "-Filter:it's \"$x\" `n")]
    [InlineData("Test||False|3", "-Quick:$false", "-Count:3", "Test")]
    public async Task Words_bind_as_parameters_and_values(string expected, params string[] words)
    {
        var run = await ShellRun.OfScriptAsync(Script, words);

        Assert.Equal($"{expected}\nscript.ps1 True\n", run.Output);
        Assert.Equal("", run.Error);
    }

    [Fact]
    public async Task A_word_that_fits_no_parameter_fails_the_run()
    {
        var run = await ShellRun.OfScriptAsync(Script, "Test", "-Nonsense");

        Assert.Equal(1, run.ExitCode);
        Assert.Contains("NamedParameterNotFound", run.Error, StringComparison.Ordinal);
    }
}
