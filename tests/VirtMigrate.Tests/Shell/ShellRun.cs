using System.Text;
using CliWrap;
using Xunit;

namespace VirtMigrate.Tests.Shell;

/// <summary>One run of the shell in a process of its own.</summary>
internal sealed record ShellRun(int ExitCode, string Output, string Error)
{
    public static Command Command { get; } = Cli.Wrap("dotnet")
        .WithValidation(CommandResultValidation.None)
        .WithEnvironmentVariables(variables => variables.Set("NO_COLOR", null).Set("VIRTMIGRATE_SHELL_PROGRESS", null));

    public static string[] Arguments(params string[] arguments) =>
        [Path.Combine(AppContext.BaseDirectory, "VirtMigrate.Shell.dll"), .. arguments];

    public static Task<ShellRun> OfCommandAsync(string text) => OfAsync("-Command", text);

    /// <summary>Runs a text as script.ps1, by which name alone the errors then call it.</summary>
    public static async Task<ShellRun> OfScriptAsync(string text, params string[] arguments)
    {
        using var script = new ScriptFile(text);
        var run = await OfAsync([script.Path, .. arguments]);
        return run with { Error = run.Error.Replace(script.Path, "script.ps1", StringComparison.Ordinal) };
    }

    public static async Task<ShellRun> OfAsync(params string[] arguments)
    {
        var output = new StringBuilder();
        var error = new StringBuilder();
        var result = await Command
            .WithArguments(Arguments(arguments))
            .WithStandardOutputPipe(PipeTarget.ToStringBuilder(output))
            .WithStandardErrorPipe(PipeTarget.ToStringBuilder(error))
            .ExecuteAsync(TestContext.Current.CancellationToken);
        return new ShellRun(result.ExitCode, output.ToString(), error.ToString());
    }
}
