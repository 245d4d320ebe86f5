using CliWrap;

namespace VirtMigrate.Hypervisor.Processes;

/// <summary>A program to run, with a list of arguments, each as it is meant.</summary>
/// <param name="Tool">The program, looked for on the PATH.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record ToolCommand(string Tool, IReadOnlyList<string> Arguments)
{
    // The keyboard's Ctrl+C reaches every process of the terminal. What becomes of a migration then is decided here, so that these
    // programs must not end by themselves; what is ignored stays ignored when a program takes another's place.
    private static readonly string[] Undisturbed = ["-c", "trap '' INT QUIT; exec \"$@\"", "sh"];

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
