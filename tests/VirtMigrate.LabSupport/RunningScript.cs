using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace VirtMigrate.LabSupport;

/// <summary>A script that runs.</summary>
public sealed class RunningScript : IDisposable
{
    private readonly PowerShell _shell;
    private readonly PSDataCollection<PSObject> _output = [];
    private readonly IAsyncResult _running;

    /// <summary>Starts a script.</summary>
    /// <param name="runspace">The session.</param>
    /// <param name="script">The script.</param>
    public RunningScript(Runspace runspace, string script)
    {
        _shell = PowerShell.Create(runspace).AddScript(script);
        _running = _shell.BeginInvoke<PSObject, PSObject>(null, _output);
    }

    /// <summary>The progress so far.</summary>
    public IReadOnlyList<ProgressRecord> Progress => [.. _shell.Streams.Progress];

    /// <summary>Stops the script as Ctrl+C does, and returns when it has stopped.</summary>
    public void Stop() => _shell.Stop();

    /// <summary>Waits for the script's end.</summary>
    /// <returns>All that it wrote, a terminating error among the errors.</returns>
    public SessionResult Wait()
    {
        var errors = new List<ErrorRecord>();
        try
        {
            _shell.EndInvoke(_running);
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            errors.Add(e.ErrorRecord);
        }
        catch (PipelineStoppedException)
        {
            // The test stopped it.
        }

        errors.AddRange(_shell.Streams.Error);
        return new([.. _output], errors, Progress, [.. _shell.Streams.Warning], [.. _shell.Streams.Information]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _shell.Dispose();
        _output.Dispose();
    }
}
