using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace VirtMigrate.Shell.Hosting;

/// <summary>Puts <see cref="ErrorText"/> in the place of the engine's own view of an error.</summary>
internal static class ErrorFormat
{
    public static void AddTo(InitialSessionState state)
    {
        var view = CustomControl.Create(outOfBand: true)
            .StartEntry()
            .AddScriptBlockExpressionBinding($"[{typeof(ErrorText).FullName}]::Format($_)")
            .EndEntry()
            .EndControl();
        var definition = new ExtendedTypeDefinition(
            "System.Management.Automation.ErrorRecord",
            [new FormatViewDefinition("ErrorRecord", view)]);

        // The first view that fits is taken.
        var engineFormats = state.Formats.ToArray();
        state.Formats.Clear();
        state.Formats.Add(new SessionStateFormatEntry(definition));
        state.Formats.Add(engineFormats);
    }
}
