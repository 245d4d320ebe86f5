using System.Text;
using CliWrap;
using Xunit;

namespace VirtMigrate.Tests.Shell;

public sealed class NativeCommandTests
{
    [Fact]
    public async Task A_native_commands_output_is_seen_while_it_runs_and_it_reads_our_input()
    {
        var asked = new TaskCompletionSource();
        var lines = new List<string>();

        // The answer is not written before the question has been seen: buffered output would hang this.
        var answer = PipeSource.Create(async (input, cancellation) =>
        {
            await asked.Task.WaitAsync(cancellation);
            await input.WriteAsync(Encoding.UTF8.GetBytes("web01\n"), cancellation);
        });
        await ShellRun.Command
            .WithArguments(ShellRun.Arguments("-Command", "& sh -c 'echo who?; read name; echo hello $name'; \"code $LASTEXITCODE\""))
            .WithStandardInputPipe(answer)
            .WithStandardOutputPipe(PipeTarget.ToDelegate(line =>
            {
                lines.Add(line);
                asked.TrySetResult();
            }))
            .ExecuteAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["who?", "hello web01", "code 0"], lines);
    }

    [Fact]
    public async Task A_native_commands_errors_stay_its_own()
    {
        var run = await ShellRun.OfCommandAsync("& sh -c 'echo out; echo err >&2; exit 4'; $LASTEXITCODE");

        Assert.Equal("out\n4\n", run.Output);
        Assert.Equal("err\n", run.Error);
    }
}
