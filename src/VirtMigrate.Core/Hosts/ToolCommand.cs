using CliWrap;

namespace VirtMigrate.Hosts;

/// <summary>A program to run, with a list of arguments, each as it is meant.</summary>
internal sealed record ToolCommand(string Tool, IReadOnlyList<string> Arguments)
{
    // Ctrl+C, the end of a terminal and whoever signals a job or a service reach every process of the group or session. What becomes of a
    // migration then is decided here, and an abort may take one of these programs, so that none of them must end by itself: each gets a
    // session of its own. It has no terminal there, and needs none: it is never asked anything. Where there is no setsid (macOS), what can
    // be ignored is; what is ignored stays ignored when a program takes another's place. SIGTERM is not: it is what ends those that only
    // listen, when their input does (ToolProcess.UntilInputEnds).
    private const string Apart = "trap '' INT QUIT HUP; command -v setsid >/dev/null 2>&1 && exec setsid \"$@\"; exec \"$@\"";
    private static readonly string[] Undisturbed = ["-c", Apart, "sh"];

    /// <summary>What the program finds in its environment besides what is in this process's own.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>The folder that it runs in; null for this process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The command for CliWrap, without pipes.</summary>
    public Command ToCommand()
    {
        var command = OperatingSystem.IsWindows()
            ? Cli.Wrap(Tool).WithArguments(Arguments)
            : Cli.Wrap("/bin/sh").WithArguments([.. Undisturbed, Tool, .. Arguments]);
        var environment = ToolLocale.Variables.Concat(Environment).ToDictionary(StringComparer.Ordinal);
        return (WorkingDirectory is null ? command : command.WithWorkingDirectory(WorkingDirectory))
            .WithEnvironmentVariables(environment).WithValidation(CommandResultValidation.None);
    }

    /// <summary>Whether one of the PATH's folders has a program.</summary>
    public static bool IsOnPath(string tool)
    {
        var file = OperatingSystem.IsWindows() ? tool + ".exe" : tool;
        return (System.Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Any(folder => File.Exists(Path.Combine(folder, file)));
    }
}

/// <summary>The language of programs whose output is read: that of C, with UTF-8 for names.</summary>
/// <remarks>
/// In plain C, virsh prints every letter beyond ASCII in its tables as <c>\xff</c>. In C.UTF-8 the GNU message catalogues still heed
/// LANGUAGE, which plain C overrules. A system without C.UTF-8 falls back to C.
/// </remarks>
internal static class ToolLocale
{
    /// <summary>The variables that set it.</summary>
    public static IReadOnlyDictionary<string, string?> Variables { get; } =
        new Dictionary<string, string?>(StringComparer.Ordinal) { ["LC_ALL"] = "C.UTF-8", ["LANGUAGE"] = string.Empty };

    /// <summary>Puts it before a program on another machine.</summary>
    public static IReadOnlyList<string> Words(IEnumerable<string> words) => ["env", .. Variables.Select(v => $"{v.Key}={v.Value}"), .. words];
}

/// <summary>
/// Quotes words, so that whatever is in them is read back as it was and as nothing else: by POSIX shells, by fish, which may be
/// somebody's login shell, and by virsh, whose command line has a syntax of its own.
/// </summary>
internal static class ShellWord
{
    /// <summary>Quotes one word, where it needs quotes.</summary>
    /// <param name="word">The word.</param>
    /// <returns>The word as all of them read it back. A NUL, which no command line can hold, stays as it is.</returns>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);

        // In single quotes nothing has a meaning, but a single quote to all of them and a backslash to fish; in double quotes these two
        // mean the same everywhere. zsh looks up what a word names that begins with an equals sign.
        return word.Length > 0 && word[0] != '=' && word.All(IsPlain)
            ? word
            : $"'{string.Concat(word.Select(Escape))}'";
    }

    /// <summary>Quotes words and puts them into one line.</summary>
    /// <param name="words">The words.</param>
    /// <returns>The line.</returns>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Escape(char c) => c switch
    {
        '\'' => "'\"'\"'",
        '\\' => "'\"\\\\\"'",
        _ => c.ToString(),
    };

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || "-_./:@+=,".Contains(c, StringComparison.Ordinal);
}
