using System.Management.Automation;
using System.Management.Automation.Runspaces;
using VirtMigrate.Shell.Hosting;

namespace VirtMigrate.Shell;

/// <summary>The one runspace of the process and the ways to run something in it.</summary>
internal sealed class ShellSession : IDisposable
{
    private readonly ConsoleHost _host;
    private readonly Interruption _interruption;
    private readonly Runspace _runspace;
    private int _depth;

    public ShellSession(ConsoleHost host, Interruption interruption)
    {
        _host = host;
        _interruption = interruption;
        var state = InitialSessionState.CreateDefault2();
        ErrorFormat.AddTo(state);
        _runspace = RunspaceFactory.CreateRunspace(host, state);
        _runspace.ThreadOptions = PSThreadOptions.ReuseThread;
        _runspace.Open();
    }

    /// <summary>Runs a script file and gives the exit code that <c>pwsh -File</c> would.</summary>
    public int RunFile(string path, IReadOnlyList<string> arguments)
    {
        var fullPath = Path.GetFullPath(path);
        if (!File.Exists(fullPath))
        {
            _host.UI.WriteErrorLine($"There is no script {path}.");
            return ExitCodes.BadUsage;
        }

        // A text, not a command of its own, because only then does the engine keep $? for us.
        var outcome = Run(ScriptArguments.Call(fullPath, arguments));
        return ExitCodeOf(outcome) ?? ScriptExitCode();
    }

    /// <summary>Runs a text and gives the exit code that <c>pwsh -Command</c> would.</summary>
    public int RunCommand(string text)
    {
        var outcome = Run(text);
        return ExitCodeOf(outcome) ?? (LastSucceeded() ? ExitCodes.Success : ExitCodes.Failed);
    }

    /// <summary>Runs a pipeline with its output and errors on the console, and returns when it has ended.</summary>
    public RunOutcome Run(string text)
    {
        // What is in the history, and only that, sets $?.
        using var pipeline = _depth == 0
            ? _runspace.CreatePipeline(text, addToHistory: true)
            : _runspace.CreateNestedPipeline(text, addToHistory: true);

        // With errors merged into Out-Default's input a native command inherits standard error as well as output.
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add("Out-Default");

        using var scope = _interruption.Begin(pipeline);
        _depth++;
        try
        {
            pipeline.Invoke();
            return scope.Token.IsCancellationRequested ? RunOutcome.Stopped : RunOutcome.Completed;
        }
        catch (RuntimeException) when (scope.Token.IsCancellationRequested)
        {
            return RunOutcome.Stopped;
        }
        catch (RuntimeException problem)
        {
            _host.UI.WriteErrorLine(ErrorText.Format(problem.ErrorRecord));
            return RunOutcome.Failed;
        }
        finally
        {
            _depth--;
            _host.ConsoleUI.ClearProgress();
        }
    }

    public void Dispose() => _runspace.Dispose();

    private int? ExitCodeOf(RunOutcome outcome) => outcome switch
    {
        _ when _host.ExitCode is { } code => code,
        RunOutcome.Stopped => _interruption.ExitCode,
        RunOutcome.Failed => ExitCodes.Failed,
        _ => null,
    };

    // The engine keeps a script file's "exit N" to itself: it sets $LASTEXITCODE and, unless N is 0, clears $?. So does
    // a script whose parameters can't be bound, without an exit code.
    private int ScriptExitCode()
    {
        if (LastSucceeded())
        {
            return ExitCodes.Success;
        }

        return _runspace.SessionStateProxy.GetVariable("LASTEXITCODE") is int code and not 0 ? code : ExitCodes.Failed;
    }

    private bool LastSucceeded() => _runspace.SessionStateProxy.GetVariable("?") is not false;
}
