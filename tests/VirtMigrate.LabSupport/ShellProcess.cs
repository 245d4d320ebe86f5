using System.Diagnostics;
using System.Text;

namespace VirtMigrate.LabSupport;

/// <summary>A PowerShell in a process of its own, which can be killed or interrupted.</summary>
public sealed class ShellProcess : IDisposable
{
    // What runs the tests, such as nohup, may ignore what this process is to hear.
    private static readonly string[] DefaultSignals = ["env", "--default-signal=INT,HUP"];

    private static readonly Lazy<string[]> Program = new(FindProgram);

    private readonly Process _process;
    private readonly StringBuilder _text = new();

    /// <summary>Runs a command in a new process that imports the finished module first.</summary>
    /// <param name="command">The command.</param>
    /// <param name="wrapper">A program with arguments that starts the process; null to start it as it is.</param>
    /// <param name="answers">What is typed when the process asks; null for a process that can't ask.</param>
    public ShellProcess(string command, string[]? wrapper = null, string? answers = null)
    {
        var line = CommandLine($"Import-Module '{ProjectLayout.Module}'; {command}");
        string[] shell = [.. DefaultSignals, .. wrapper ?? [], .. answers is null ? line : line.Where(a => !a.Equals("-NonInteractive", StringComparison.Ordinal))];
        var start = new ProcessStartInfo(shell[0], shell[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        _process = Process.Start(start) ?? throw new InvalidOperationException("The process did not start.");
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        _process.StandardInput.Write(answers);
        _process.StandardInput.Close();
    }

    /// <summary>All that the process has printed.</summary>
    public string Text
    {
        get
        {
            lock (_text)
            {
                return _text.ToString();
            }
        }
    }

    /// <summary>The program and the arguments that run a script in a process of its own, without the module.</summary>
    /// <param name="script">The script.</param>
    /// <returns>The command line.</returns>
    public static string[] CommandLine(string script) =>
    [
        .. Program.Value,
        "-NoProfile",
        "-NonInteractive",
        "-Command",
        script,
    ];

    /// <summary>Ends the process as the kernel's out-of-memory killer does.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Presses Ctrl+C.</summary>
    public void Interrupt()
    {
        using var kill = Process.Start("kill", ["-INT", _process.Id.ToString(null as IFormatProvider)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the process's end.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> WaitAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(patience.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }

    // The PowerShell that runs the tests, or else the one that the project names. A .NET tool is a small process whose child is the engine,
    // which signals to the first don't reach: so it is the engine's assembly that is started.
    private static string[] FindProgram()
    {
        var home = Environment.GetEnvironmentVariable("VIRTMIGRATE_TEST_PWSH") is { Length: > 0 } known ? known : AskTool();
        var program = Path.Combine(home, "pwsh");
        return File.Exists(program) ? [program] : ["dotnet", program + ".dll"];
    }

    private static string AskTool()
    {
        string[] arguments = ["tool", "exec", "-y", "powershell", "--", "-NoProfile", "-Command", "$PSHOME"];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = ProjectLayout.Root };
        using var tool = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        var home = tool.StandardOutput.ReadToEnd().Trim();
        tool.WaitForExit();
        return tool.ExitCode == 0 ? home : throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} ended with exit code {tool.ExitCode}.");
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_text)
        {
            _text.AppendLine(line.Data);
        }
    }
}
