using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Internal;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using Microsoft.PowerShell.Commands;
using VirtMigrate.Cmdlets;
using Xunit;

namespace VirtMigrate.Tests.Views;

/// <summary>What an object that only this program can make looks like on a console of 100 columns, drawn by the real engine.</summary>
internal sealed class Rendering
{
    // The engine would report to its makers.
    static Rendering() => Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");

    private Rendering(string colored) => (Colored, Text) = (colored, new StringDecorated(colored).ToString(OutputRendering.PlainText));

    /// <summary>The module's format files, in the manifest's order.</summary>
    public static IReadOnlyList<string> FormatFiles { get; } = [.. ReadFormatFiles()];

    /// <summary>What is sent to the console, colours and all.</summary>
    public string Colored { get; }

    /// <summary>What a user sees, without colours.</summary>
    public string Text { get; }

    private static string Folder => Path.GetDirectoryName(typeof(GetVmCommand).Assembly.Location)!;

    /// <summary>Draws an object by the module's views.</summary>
    /// <param name="value">The object.</param>
    /// <returns>What is seen of it.</returns>
    public static Rendering Of(object value) => Of(value, FormatFiles);

    /// <summary>Draws an object by the views of other format files.</summary>
    /// <param name="value">The object.</param>
    /// <param name="formatFiles">The files.</param>
    /// <returns>What is seen of it.</returns>
    public static Rendering Of(object value, IEnumerable<string> formatFiles)
    {
        var state = InitialSessionState.CreateDefault2();
        foreach (var format in formatFiles)
        {
            state.Formats.Add(new SessionStateFormatEntry(format));
        }

        state.Types.Add(new SessionStateTypeEntry(Path.Combine(Folder, "VirtMigrate.types.ps1xml")));
        var host = new RecordingHost();
        using var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        using var shell = PowerShell.Create(runspace);
        shell.AddCommand(new CmdletInfo("Out-Default", typeof(OutDefaultCommand)));
        shell.Invoke(new[] { value });
        Assert.Empty(shell.Streams.Error);
        return new(host.Text);
    }

    private static IEnumerable<string> ReadFormatFiles()
    {
        var manifest = Parser.ParseFile(Path.Combine(ProjectRoot.Path, "VirtMigrate.psd1"), out _, out _);
        var data = (Hashtable)manifest.Find(node => node is HashtableAst, searchNestedScriptBlocks: false).SafeGetValue();
        return ((object[])data["FormatsToProcess"]!).Select(file => Path.Combine(Folder, (string)file));
    }
}
