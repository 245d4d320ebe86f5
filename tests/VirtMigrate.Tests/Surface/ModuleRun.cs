using System.Management.Automation;
using System.Management.Automation.Runspaces;
using VirtMigrate.Cmdlets;

namespace VirtMigrate.Tests.Surface;

/// <summary>One script in a fresh session of the real engine that has the module, on a console of 100 columns.</summary>
internal sealed class ModuleRun
{
    // The engine would report to its makers.
    static ModuleRun() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

    private ModuleRun(string text, IReadOnlyList<PSObject> output, IReadOnlyList<ErrorRecord> errors)
    {
        Text = text;
        Output = output;
        Errors = errors;
    }

    /// <summary>What a user sees, without colours.</summary>
    public string Text { get; }

    /// <summary>The objects, where the script was not printed.</summary>
    public IReadOnlyList<PSObject> Output { get; }

    /// <summary>The errors.</summary>
    public IReadOnlyList<ErrorRecord> Errors { get; }

    /// <summary>Runs a script and keeps its objects.</summary>
    /// <param name="script">The script.</param>
    /// <param name="variables">Variables to set first.</param>
    /// <returns>The run.</returns>
    public static ModuleRun Of(string script, params (string Name, object Value)[] variables) => Of(script, print: false, variables);

    /// <summary>Runs a script and prints its objects as a console does.</summary>
    /// <param name="script">The script.</param>
    /// <param name="variables">Variables to set first.</param>
    /// <returns>The run.</returns>
    public static ModuleRun Printed(string script, params (string Name, object Value)[] variables) => Of(script, print: true, variables);

    private static ModuleRun Of(string script, bool print, (string Name, object Value)[] variables)
    {
        var state = InitialSessionState.CreateDefault2();
        var folder = Path.GetDirectoryName(typeof(GetVmCommand).Assembly.Location)!;
        state.ImportPSModule(Path.Combine(folder, "VirtMigrate.dll"));
        foreach (var format in Directory.EnumerateFiles(folder, "*.format.ps1xml"))
        {
            state.Formats.Add(new SessionStateFormatEntry(format));
        }

        state.Types.Add(new SessionStateTypeEntry(Path.Combine(folder, "VirtMigrate.types.ps1xml")));
        var host = new RecordingHost();
        using var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        foreach (var (name, value) in variables)
        {
            runspace.SessionStateProxy.SetVariable(name, value);
        }

        using var shell = PowerShell.Create(runspace).AddScript(script);
        if (print)
        {
            shell.AddCommand("Out-Default");
        }

        var errors = new List<ErrorRecord>();
        IReadOnlyList<PSObject> output = [];
        try
        {
            output = [.. shell.Invoke()];
        }
        catch (RuntimeException e)
        {
            errors.Add(e.ErrorRecord);
        }

        errors.AddRange(shell.Streams.Error);
        var text = new System.Management.Automation.Internal.StringDecorated(host.Text).ToString(OutputRendering.PlainText);
        return new(text, output, errors);
    }
}
