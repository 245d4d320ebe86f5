using System.Management.Automation.Language;
using System.Text;
using VirtMigrate.Shell.Hosting;

namespace VirtMigrate.Shell;

/// <summary>Reads commands and runs them until <c>exit</c> or the end of the input.</summary>
internal sealed class InteractiveLoop(ShellSession session, ConsoleHost host)
{
    private const string Prompt = "PS> ";
    private const string Continuation = ">> ";

    private int _nestedDepth;

    /// <summary>The loop of the session; its result is the process's exit code.</summary>
    public int Run()
    {
        while (host.ExitCode is null)
        {
            if (ReadCommand() is not { } text)
            {
                break;
            }

            RunText(text);
        }

        return host.ExitCode ?? host.SignalExitCode ?? ExitCodes.Success;
    }

    /// <summary>The loop behind "Suspend" in a confirmation: <c>exit</c> returns to the question.</summary>
    public void RunNested()
    {
        var depth = ++_nestedDepth;
        while (_nestedDepth >= depth && ReadCommand() is { } text && !IsExit(text))
        {
            RunText(text);
        }

        _nestedDepth = depth - 1;
    }

    /// <summary>Ends the innermost nested loop after its current command.</summary>
    public void LeaveNested() => _nestedDepth--;

    private static bool IsExit(string text) => string.Equals(text.Trim(), "exit", StringComparison.OrdinalIgnoreCase);

    private static bool IsIncomplete(string text)
    {
        Parser.ParseInput(text, out _, out var errors);
        return errors.Any(error => error.IncompleteInput);
    }

    private void RunText(string text)
    {
        if (!string.IsNullOrWhiteSpace(text) && session.Run(text) is RunOutcome.Stopped)
        {
            // The terminal has shown "^C".
            host.ConsoleUI.WritePrompt(Environment.NewLine);
        }
    }

    private string? ReadCommand()
    {
        var text = new StringBuilder();
        while (true)
        {
            host.ConsoleUI.WritePrompt(text.Length == 0 ? new string('>', _nestedDepth) + Prompt : Continuation);
            try
            {
                if (host.ReadCommandLine() is not { } line)
                {
                    return text.Length == 0 ? null : text.ToString();
                }

                text.AppendLine(line);
            }
            catch (OperationCanceledException)
            {
                host.ConsoleUI.WritePrompt(Environment.NewLine);
                if (host.SignalExitCode is not null)
                {
                    return null;
                }

                text.Clear();
                continue;
            }

            // An empty line ends an unfinished command, so that its error can be seen.
            if (!IsIncomplete(text.ToString()) || text.ToString().EndsWith("\n\n", StringComparison.Ordinal))
            {
                return text.ToString();
            }
        }
    }
}
