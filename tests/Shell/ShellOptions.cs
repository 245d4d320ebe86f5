namespace VirtMigrate.Shell;

/// <summary>The command line, with the names that pwsh gives its options.</summary>
/// <param name="Mode">What to do.</param>
/// <param name="Target">The script's path or the command's text.</param>
/// <param name="Arguments">The script's arguments, as they came.</param>
/// <param name="NonInteractive">Prompts fail instead of asking.</param>
internal sealed record ShellOptions(ShellMode Mode, string Target, IReadOnlyList<string> Arguments, bool NonInteractive)
{
    public const string Usage = """
        VirtMigrate.Shell [-NonInteractive] [-NoProfile] [[-File] script.ps1 [argument ...]]
        VirtMigrate.Shell [-NonInteractive] [-NoProfile] -Command "text"
        VirtMigrate.Shell -Help

        A console for the PowerShell engine, for machines without pwsh. With neither
        script nor command it reads commands from the terminal or from standard input.

          -File            run a script; all that follows its path is the script's
          -Command         run a text; "-" reads it from standard input
          -NonInteractive  a prompt is an error
          -NoProfile       accepted: there are no profiles
          -Help            this text
        """;

    public static ShellOptions Parse(IReadOnlyList<string> args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var nonInteractive = false;
        for (var i = 0; i < args.Count; i++)
        {
            var rest = args.Skip(i + 1).ToArray();
            switch (OptionName(args[i]))
            {
                case null:
                    return new ShellOptions(ShellMode.File, args[i], rest, nonInteractive);
                case "noninteractive":
                    nonInteractive = true;
                    break;
                case "noprofile" or "nologo":
                    break;
                case "help" or "h" or "?":
                    return new ShellOptions(ShellMode.Help, "", [], nonInteractive);
                case "file" or "f" when rest.Length > 0:
                    return new ShellOptions(ShellMode.File, rest[0], rest[1..], nonInteractive);
                case "command" or "c" when rest.Length > 0:
                    return new ShellOptions(ShellMode.Command, CommandText(rest), [], nonInteractive);
                case "file" or "f" or "command" or "c":
                    throw new FormatException($"{args[i]} needs a value.");
                default:
                    throw new FormatException($"There is no option {args[i]}.");
            }
        }

        return new ShellOptions(ShellMode.Interactive, "", [], nonInteractive);
    }

    private static string? OptionName(string argument) =>
        argument is ['-', ..] ? argument.TrimStart('-').ToLowerInvariant() : null;

    private static string CommandText(string[] words) =>
        words is ["-"] ? Console.In.ReadToEnd() : string.Join(' ', words);
}
