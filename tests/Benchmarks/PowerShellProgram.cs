using System.Diagnostics;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks;

/// <summary>The PowerShell that is measured: the one that runs the benchmarks, or else the one that the project names.</summary>
internal static class PowerShellProgram
{
    private static readonly string Scripts = Path.Combine(AppContext.BaseDirectory, "Scripts");

    private static readonly Lazy<string[]> Program = new(Find);

    /// <summary>The program and the arguments that run a script in a process of its own.</summary>
    /// <param name="script">The script's name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>The command line.</returns>
    public static string[] CommandLine(string script, params string[] arguments) => [.. Program.Value, .. Words(script), .. arguments];

    private static string[] Words(string script) => ["-NoProfile", "-NonInteractive", "-File", Path.Combine(Scripts, script)];

    // A .NET tool is a small process whose child is the engine, and takes time of its own: so it is the engine's assembly that is started.
    private static string[] Find()
    {
        var home = Environment.GetEnvironmentVariable("VIRTMIGRATE_TEST_PWSH") is { Length: > 0 } known ? known : AskTool();
        var program = Path.Combine(home, "pwsh");
        return File.Exists(program) ? [program] : ["dotnet", program + ".dll"];
    }

    private static string AskTool()
    {
        string[] arguments = ["tool", "exec", "-y", "powershell", "--", .. Words("Home.ps1")];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, UseShellExecute = false, WorkingDirectory = ProjectLayout.Root };
        using var tool = Process.Start(start) ?? throw new BenchmarkException("dotnet did not start.");
        var home = tool.StandardOutput.ReadToEnd().Trim();
        tool.WaitForExit();
        return tool.ExitCode == 0 ? home : throw new BenchmarkException($"dotnet {string.Join(' ', arguments)} ended with exit code {tool.ExitCode}.");
    }
}
