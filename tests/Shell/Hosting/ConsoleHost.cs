using System.Globalization;
using System.Management.Automation.Host;
using VirtMigrate.Shell.Terminal;

namespace VirtMigrate.Shell.Hosting;

/// <summary>The engine's view of this process.</summary>
internal sealed class ConsoleHost : PSHost, IDisposable
{
    private readonly Interruption _interruption;

    public ConsoleHost(Screen screen, Interruption interruption, bool nonInteractive)
    {
        _interruption = interruption;
        ConsoleUI = new ConsoleUserInterface(screen, interruption, nonInteractive);
    }

    /// <summary>Runs a prompt inside a running pipeline.</summary>
    public Action? NestedPrompt { get; set; }

    /// <summary>Ends that prompt.</summary>
    public Action? LeaveNestedPrompt { get; set; }

    /// <summary>What <c>exit</c> asked for, or null while nobody has.</summary>
    public int? ExitCode { get; private set; }

    /// <summary>The exit code for the signal that told this process to end, or null while none has.</summary>
    public int? SignalExitCode => _interruption.IsTerminating ? _interruption.ExitCode : null;

    public ConsoleUserInterface ConsoleUI { get; }

    public override string Name => "VirtMigrate.Shell";

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version ?? new Version(1, 0);

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override PSHostUserInterface UI => ConsoleUI;

    public override CultureInfo CurrentCulture => CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.CurrentUICulture;

    /// <summary>One line of a command, or null at the end of the input; throws when a signal came instead.</summary>
    public string? ReadCommandLine()
    {
        using var scope = _interruption.Begin(pipeline: null);
        return InputReader.ReadLine(scope.Token);
    }

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;

    public override void EnterNestedPrompt() => NestedPrompt?.Invoke();

    public override void ExitNestedPrompt() => LeaveNestedPrompt?.Invoke();

    // A native command writes to the terminal itself: progress must not stand where it writes.
    public override void NotifyBeginApplication() => ConsoleUI.HideProgress();

    public override void NotifyEndApplication() => ConsoleUI.ShowProgress();

    public void Dispose() => ConsoleUI.Dispose();
}
