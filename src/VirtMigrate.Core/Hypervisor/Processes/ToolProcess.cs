using System.ComponentModel;
using System.Text;
using CliWrap;

namespace VirtMigrate.Hypervisor.Processes;

/// <summary>Runs a program to its end.</summary>
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
            throw new HypervisorToolException(command.Tool, $"It could not be started: {e.Message}", e);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // What an interrupted program wrote is an answer like any other.
            exitCode = Interrupted;
        }

        return new(command.Tool, exitCode, Decode(command.Tool, output), Encoding.UTF8.GetString(errors.GetBuffer(), 0, (int)errors.Length));
    }

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
