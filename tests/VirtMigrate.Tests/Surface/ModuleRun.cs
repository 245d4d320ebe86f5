using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using VirtMigrate.Cmdlets;

namespace VirtMigrate.Tests.Surface;

/// <summary>One script in a fresh session of the real engine that has the module, on a console of 100 columns.</summary>
internal sealed class ModuleRun
{
    // The engine would report to its makers.
    static ModuleRun() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

    private ModuleRun(string rendered, IReadOnlyList<PSObject> output, IReadOnlyList<ErrorRecord> errors)
    {
        Rendered = rendered;
        Text = new System.Management.Automation.Internal.StringDecorated(rendered).ToString(OutputRendering.PlainText);
        Output = output;
        Errors = errors;
    }

    /// <summary>The module's format files, in the manifest's order.</summary>
    public static IReadOnlyList<string> FormatFiles { get; } = [.. ReadFormatFiles()];

    /// <summary>What is sent to the console, colours and all.</summary>
    public string Rendered { get; }

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
    public static ModuleRun Of(string script, params (string Name, object Value)[] variables) => Of(script, print: false, FormatFiles, variables);

    /// <summary>Runs a script and prints its objects as a console does.</summary>
    /// <param name="script">The script.</param>
    /// <param name="variables">Variables to set first.</param>
    /// <returns>The run.</returns>
    public static ModuleRun Printed(string script, params (string Name, object Value)[] variables) => Of(script, print: true, FormatFiles, variables);

    /// <summary>Runs a script and prints its objects with the views of other format files.</summary>
    /// <param name="formatFiles">The files.</param>
    /// <param name="script">The script.</param>
    /// <param name="variables">Variables to set first.</param>
    /// <returns>The run.</returns>
    public static ModuleRun PrintedWith(IEnumerable<string> formatFiles, string script, params (string Name, object Value)[] variables) =>
        Of(script, print: true, formatFiles, variables);

    private static string Folder => Path.GetDirectoryName(typeof(GetVmCommand).Assembly.Location)!;

    private static IEnumerable<string> ReadFormatFiles()
    {
        var manifest = Parser.ParseFile(Path.Combine(ProjectRoot.Path, "VirtMigrate.psd1"), out _, out _);
        var data = (Hashtable)manifest.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
        return ((object[])data["FormatsToProcess"]!).Select(file => Path.Combine(Folder, (string)file));
    }

    private static ModuleRun Of(string script, bool print, IEnumerable<string> formatFiles, (string Name, object Value)[] variables)
    {
        var state = InitialSessionState.CreateDefault2();
        state.ImportPSModule(Path.Combine(Folder, "VirtMigrate.dll"));
        foreach (var format in formatFiles)
        {
            state.Formats.Add(new SessionStateFormatEntry(format));
        }

        state.Types.Add(new SessionStateTypeEntry(Path.Combine(Folder, "VirtMigrate.types.ps1xml")));
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
        return new(host.Text, output, errors);
    }
}
