using System.ComponentModel;
using System.Text;
using CliWrap;

namespace VirtMigrate.Hypervisor.Processes;

/// <summary>Runs programs to their end.</summary>
internal static class ToolProcess
{
    private const int Interrupted = 130;

    // What is not UTF-8 is not what libvirt printed.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Runs a program.</summary>
    /// <param name="command">The program.</param>
    /// <param name="input">What it reads; null for nothing.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <param name="interrupt">Interrupts it (SIGINT), after which it is still waited for.</param>
    /// <returns>What it came to.</returns>
    /// <exception cref="HypervisorToolException">It could not be started, or wrote what is no text.</exception>
    public static async Task<ToolRun> RunAsync(
        ToolCommand command, string? input, CancellationToken cancellationToken, CancellationToken interrupt = default)
    {
        using var output = new MemoryStream();
        using var errors = new MemoryStream();
        var process = command.ToCommand()
            .WithStandardInputPipe(input is null ? PipeSource.Null : PipeSource.FromString(input, new UTF8Encoding(false)))
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithStandardErrorPipe(PipeTarget.ToStream(errors));
        int exitCode;
        try
        {
            // A process that can't even be killed is left behind.
            var result = await process.ExecuteAsync(cancellationToken, interrupt).Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            exitCode = result.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw NotStarted(command, e);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // What an interrupted program wrote is an answer like any other.
            exitCode = Interrupted;
        }

        return new(command.Tool, exitCode, Decode(command.Tool, output), Encoding.UTF8.GetString(errors.GetBuffer(), 0, (int)errors.Length));
    }

    /// <summary>Runs a program that is heard line by line, until it ends or nobody listens any more.</summary>
    /// <param name="command">The program, which ends when its input does (<see cref="TiedProcess"/>).</param>
    /// <param name="output">Is told each line that it prints.</param>
    /// <param name="error">Is told each line of its errors.</param>
    /// <param name="cancellationToken">Stops listening.</param>
    /// <returns>A task that ends with the program.</returns>
    /// <exception cref="HypervisorToolException">It could not be started.</exception>
    public static async Task ListenAsync(ToolCommand command, Action<string> output, Action<string> error, CancellationToken cancellationToken)
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var closing = cancellationToken.Register(() => open.TrySetResult());
        try
        {
            await command.ToCommand()
                .WithStandardInputPipe(PipeSource.Create((_, _) => open.Task))
                .WithStandardOutputPipe(PipeTarget.ToDelegate(output))
                .WithStandardErrorPipe(PipeTarget.ToDelegate(error))
                .ExecuteAsync(CancellationToken.None).Task.ConfigureAwait(false);
        }
        catch (Win32Exception e)
        {
            throw NotStarted(command, e);
        }
    }

    private static HypervisorToolException NotStarted(ToolCommand command, Win32Exception e) =>
        new(command.Tool, $"It could not be started: {e.Message}", e);

    private static string Decode(string tool, MemoryStream stream)
    {
        try
        {
            var text = Strict.GetString(stream.GetBuffer(), 0, (int)stream.Length);
            return OperatingSystem.IsWindows() ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text;
        }
        catch (DecoderFallbackException)
        {
            throw new HypervisorToolException(tool, "What it wrote is no text in UTF-8.");
        }
    }
}
