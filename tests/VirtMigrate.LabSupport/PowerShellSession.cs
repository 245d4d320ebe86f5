using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace VirtMigrate.LabSupport;

/// <summary>A session of the real PowerShell engine with the finished module in it.</summary>
public sealed class PowerShellSession : IDisposable
{
    private readonly Runspace _runspace;

    // The engine would report to its makers, and load what it needs for that half a minute later.
    static PowerShellSession() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

    /// <summary>Opens a session.</summary>
    public PowerShellSession()
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(ProjectLayout.Module);
        _runspace = RunspaceFactory.CreateRunspace(state);
        _runspace.Open();
    }

    /// <summary>Sets a variable of the session.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <returns>This session.</returns>
    public PowerShellSession Set(string name, object? value)
    {
        _runspace.SessionStateProxy.SetVariable(name, value);
        return this;
    }

    /// <summary>Runs a script to its end.</summary>
    /// <param name="script">The script.</param>
    /// <returns>All that it wrote.</returns>
    public SessionResult Run(string script)
    {
        using var shell = Begin(script);
        return shell.Wait();
    }

    /// <summary>Starts a script.</summary>
    /// <param name="script">The script.</param>
    /// <returns>The script on its way.</returns>
    public RunningScript Begin(string script) => new(_runspace, script);

    /// <inheritdoc/>
    public void Dispose() => _runspace.Dispose();
}
