using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class ExitCodeTests
{
    [Theory]
    [InlineData("'done'", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("function Leave { exit 8 }; Leave; 'not here'", 8)]
    [InlineData("throw 'no'", 1)]
    [InlineData("sh -c 'exit 9'; 'the failure of a command that is not checked is no failure of the script'", 0)]
    [InlineData("sh -c 'exit 9'", 0)]
    public async Task A_scripts_exit_code_is_that_of_pwsh(string script, int expected)
    {
        var run = await ShellRun.OfScriptAsync(script);

        Assert.Equal(expected, run.ExitCode);
        Assert.DoesNotContain("not here", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", 0)]
    [InlineData("exit 5", 5)]
    [InlineData("Get-Nothing", 1)]
    [InlineData("Get-Nothing; 1", 0)]
    [InlineData("sh -c 'exit 9'", 1)]
    [InlineData("1 +", 1)]
    public async Task A_commands_exit_code_is_that_of_pwsh(string text, int expected) =>
        Assert.Equal(expected, (await ShellRun.OfCommandAsync(text)).ExitCode);

    [Fact]
    public async Task A_script_that_is_not_there_is_a_usage_error()
    {
        var run = await ShellRun.OfAsync("no-such-script.ps1");

        Assert.Equal(64, run.ExitCode);
        Assert.Contains("no-such-script.ps1", run.Error, StringComparison.Ordinal);
    }
}
