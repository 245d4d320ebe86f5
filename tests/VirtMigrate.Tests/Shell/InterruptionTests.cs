using System.Globalization;
using CliWrap;
using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class InterruptionTests
{
    private const string Script = """
        try {
            $Host.UI.WriteLine('ready')
            while ($true) { [Threading.Thread]::Sleep(20) }
        }
        finally {
            $Host.UI.WriteLine('cleaning')
            [Threading.Thread]::Sleep(500)
            & sh -c 'echo clean'
        }
        """;

    [Theory]
    [InlineData("INT", 1, 130)]
    [InlineData("INT", 2, 130)]
    [InlineData("TERM", 1, 143)]
    [InlineData("HUP", 1, 129)]
    public async Task A_signal_runs_finally_blocks_to_their_end(string signal, int times, int exitCode)
    {
        using var script = new ScriptFile(Script);
        var ready = new TaskCompletionSource();
        var lines = new List<string>();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromMinutes(2));

        // What runs the tests, such as nohup, may ignore these signals, and what it starts does so as well.
        var shell = ShellRun.Command
            .WithTargetFile("env")
            .WithArguments(["--default-signal=INT,HUP,TERM", ShellRun.Command.TargetFilePath, .. ShellRun.Arguments(script.Path)])
            .WithStandardOutputPipe(PipeTarget.ToDelegate(line =>
            {
                lines.Add(line);
                ready.TrySetResult();
            }))
            .ExecuteAsync(patience.Token);

        await ready.Task.WaitAsync(patience.Token);
        for (var i = 0; i < times; i++)
        {
            await Cli.Wrap("kill")
                .WithArguments([$"-{signal}", shell.ProcessId.ToString(CultureInfo.InvariantCulture)])
                .ExecuteAsync(TestContext.Current.CancellationToken);
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Equal(exitCode, (await shell).ExitCode);
        Assert.Equal(["ready", "cleaning", "clean"], lines);
    }
}
