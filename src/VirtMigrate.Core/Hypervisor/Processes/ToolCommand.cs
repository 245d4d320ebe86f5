using CliWrap;

namespace VirtMigrate.Hypervisor.Processes;

/// <summary>A program to run, with a list of arguments, each as it is meant.</summary>
/// <param name="Tool">The program, looked for on the PATH.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ToolCommand(string Tool, IReadOnlyList<string> Arguments)
{
    // Ctrl+C, the end of a terminal and whoever signals a job or a service reach every process of the group or session. What becomes of a
    // migration then is decided here, and an abort may take one of these programs, so that none of them must end by itself: each gets a
    // session of its own. It has no terminal there, and needs none: it is never asked anything. Where there is no setsid (macOS), what can
    // be ignored is; what is ignored stays ignored when a program takes another's place. SIGTERM is not: it is what ends those that only
    // listen, when their input does (TiedProcess).
    private const string Apart = "trap '' INT QUIT HUP; command -v setsid >/dev/null 2>&1 && exec setsid \"$@\"; exec \"$@\"";
    private static readonly string[] Undisturbed = ["-c", Apart, "sh"];

    /// <summary>What the program finds in its environment besides what is in this process's own.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The folder that it runs in; null for this process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The command for CliWrap, without pipes.</summary>
    /// <returns>The command.</returns>
    public Command ToCommand()
    {
        var command = OperatingSystem.IsWindows()
            ? Cli.Wrap(Tool).WithArguments(Arguments)
            : Cli.Wrap("/bin/sh").WithArguments([.. Undisturbed, Tool, .. Arguments]);
        var environment = ToolLocale.Variables.Concat(Environment).ToDictionary(StringComparer.Ordinal);
        return (WorkingDirectory is null ? command : command.WithWorkingDirectory(WorkingDirectory))
            .WithEnvironmentVariables(environment).WithValidation(CommandResultValidation.None);
    }
}
