using CliWrap;
using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class PromptTests
{
    [Theory]
    [InlineData("$Host.UI.PromptForChoice('Confirm', 'Sure?', @('&Yes', '&No'), 0)")]
    [InlineData("$Host.UI.ReadLine()")]
    [InlineData("$Host.UI.PromptForCredential('', '', '', '')")]
    public async Task A_prompt_that_nobody_can_answer_fails(string prompt)
    {
        var withoutInput = await ShellRun.OfCommandAsync(prompt);
        var nonInteractive = await ShellRun.OfAsync("-NonInteractive", "-Command", prompt);

        Assert.Equal(1, withoutInput.ExitCode);
        Assert.Contains("standard input has ended", withoutInput.Error, StringComparison.Ordinal);
        Assert.Equal(1, nonInteractive.ExitCode);
        Assert.Contains("this host is non-interactive", nonInteractive.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("y\n", 0)]
    [InlineData("No\n", 1)]
    [InlineData("\n", 1)]
    [InlineData("nonsense\n?\nY\n", 0)]
    public async Task A_choice_is_made_by_key_label_or_default(string answer, int expected)
    {
        var result = await ShellRun.Command
            .WithArguments(ShellRun.Arguments("-Command", "exit $Host.UI.PromptForChoice('Confirm', 'Sure?', @('&Yes', '&No'), 1)"))
            .WithStandardInputPipe(PipeSource.FromString(answer))
            .ExecuteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(expected, result.ExitCode);
    }
}
