using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using VirtMigrate.Shell.Progress;
using VirtMigrate.Shell.Prompts;
using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell.Hosting;

/// <summary>
/// The streams and the prompts. As in pwsh, errors go to standard error and all else to standard output.
/// </summary>
internal sealed class ConsoleUserInterface : PSHostUserInterface, IDisposable
{
    private readonly Screen _screen;
    private readonly Questioner _questioner;
    private readonly IProgressDisplay _progress;

    public ConsoleUserInterface(Screen screen, Interruption interruption, bool nonInteractive)
    {
        _screen = screen;
        _questioner = new Questioner(screen, interruption, nonInteractive);
        _progress = ProgressDisplay.For(screen);
        RawUI = new ConsoleRawUserInterface(_questioner);
    }

    public override PSHostRawUserInterface RawUI { get; }

    public override bool SupportsVirtualTerminal => _screen.SupportsColor;

    public override void Write(string value) => _screen.Write(Rendered(value, _screen.SupportsColor));

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) =>
        Write(Colored(AnsiForeground(foregroundColor), value));

    public override void WriteLine(string value) => Write(value + Environment.NewLine);

    public override void WriteErrorLine(string value) =>
        _screen.WriteError(Rendered(value, _screen.ErrorSupportsColor) + Environment.NewLine);

    public override void WriteWarningLine(string message) => WriteDiagnostic("WARNING", PSStyle.Instance.Formatting.Warning, message);

    public override void WriteVerboseLine(string message) => WriteDiagnostic("VERBOSE", PSStyle.Instance.Formatting.Verbose, message);

    public override void WriteDebugLine(string message) => WriteDiagnostic("DEBUG", PSStyle.Instance.Formatting.Debug, message);

    public override void WriteProgress(long sourceId, ProgressRecord record) => _progress.Update(sourceId, record);

    /// <summary>Forgets all activities, as their pipeline has ended.</summary>
    public void ClearProgress() => _progress.Clear();

    public void HideProgress() => _screen.SuspendPane();

    public void ShowProgress() => _screen.ResumePane();

    /// <summary>Writes a prompt for a command; to a terminal only, as nobody reads it elsewhere.</summary>
    public void WritePrompt(string text)
    {
        if (InputReader.IsTerminal)
        {
            _screen.Write(text);
        }
    }

    public override string ReadLine() => _questioner.ReadLine("a line of input");

    public override SecureString ReadLineAsSecureString() => _questioner.ReadSecret("a secret line of input");

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        new FieldPrompt(_questioner).Ask(caption, message, descriptions);

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        new ChoicePrompt(_questioner).Ask(caption, message, choices, defaultChoice);

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        new CredentialPrompt(_questioner).Ask(caption, message, userName);

    public override PSCredential PromptForCredential(
        string caption,
        string message,
        string userName,
        string targetName,
        PSCredentialTypes allowedCredentialTypes,
        PSCredentialUIOptions options) => new CredentialPrompt(_questioner).Ask(caption, message, userName);

    public void Dispose() => _progress.Dispose();

    // The engine leaves it to its host to drop the escapes of text that goes to no terminal.
    private static string Rendered(string text, bool supportsColor)
    {
        var plain = PSStyle.Instance.OutputRendering switch
        {
            OutputRendering.PlainText => true,
            OutputRendering.Ansi => false,
            _ => !supportsColor,
        };
        return plain ? new StringDecorated(text).ToString(OutputRendering.PlainText) : text;
    }

    private static string AnsiForeground(ConsoleColor color) =>
        color is >= ConsoleColor.Black and <= ConsoleColor.White ? PSStyle.MapForegroundColorToEscapeSequence(color) : "";

    private static string Colored(string style, string text) => style + text + PSStyle.Instance.Reset;

    private void WriteDiagnostic(string prefix, string style, string message) =>
        WriteLine(Colored(style, $"{prefix}: {message}"));
}
