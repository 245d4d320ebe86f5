using System.ComponentModel;
using System.Text;
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

/// <summary>Runs programs.</summary>
internal static class ToolProcess
{
    private const int Interrupted = 130;

    // A shell gives what it runs in the background no input, hence the copy.
    private const string UntilInputEndsScript =
        "exec 3<&0; \"$@\" </dev/null 3<&- & p=$!; { cat; kill $p; } <&3 >/dev/null 2>&1 & exec 3<&-; wait $p";

    // What is not UTF-8 is not what libvirt printed.
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="command">The program.</param>
    /// <param name="input">What it reads; null for nothing.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <param name="interrupt">Interrupts it (SIGINT), after which it is still waited for.</param>
    /// <exception cref="HypervisorToolException">It could not be started, or its output is no text.</exception>
    public static async Task<ToolRun> RunAsync(
        ToolCommand command, string? input, CancellationToken cancellationToken, CancellationToken interrupt = default)
    {
        using var output = new MemoryStream();
        using var errors = new MemoryStream();
        var process = command.ToCommand()
            .WithStandardInputPipe(input is null ? PipeSource.Null : PipeSource.FromString(input, new UTF8Encoding(false)))
            .WithStandardOutputPipe(PipeTarget.ToStream(output))
            .WithStandardErrorPipe(PipeTarget.ToStream(errors));
        int exitCode;
        try
        {
            // A process that can't even be killed is left behind.
            var result = await process.ExecuteAsync(cancellationToken, interrupt).Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            exitCode = result.ExitCode;
        }
        catch (Win32Exception e)
        {
            throw NotStarted(command, e);
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // What an interrupted program wrote is an answer like any other.
            exitCode = Interrupted;
        }

        return new(command.Tool, exitCode, Decode(command.Tool, output), Encoding.UTF8.GetString(errors.GetBuffer(), 0, (int)errors.Length));
    }

    /// <summary>
    /// Runs a program that is heard line by line and ends when its input does (<see cref="UntilInputEnds"/>), until it ends or listening is
    /// cancelled.
    /// </summary>
    public static async Task ListenAsync(ToolCommand command, Action<string> output, Action<string> error, CancellationToken cancellationToken)
    {
        var open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var closing = cancellationToken.Register(() => open.TrySetResult());
        try
        {
            await command.ToCommand()
                .WithStandardInputPipe(PipeSource.Create((_, _) => open.Task))
                .WithStandardOutputPipe(PipeTarget.ToDelegate(output))
                .WithStandardErrorPipe(PipeTarget.ToDelegate(error))
                .ExecuteAsync(CancellationToken.None).Task.ConfigureAwait(false);
        }
        catch (Win32Exception e)
        {
            throw NotStarted(command, e);
        }
    }

    /// <summary>Makes the words that run a program for as long as their input is open.</summary>
    /// <remarks>
    /// A program that only listens does not notice that nobody hears it any more: at the other end of an ssh, and after this process was
    /// killed, it would stay for ever. The input ends in both cases.
    /// </remarks>
    public static IReadOnlyList<string> UntilInputEnds(IEnumerable<string> words) => ["sh", "-c", UntilInputEndsScript, "sh", .. words];

    private static HypervisorToolException NotStarted(ToolCommand command, Win32Exception e) =>
        new(command.Tool, $"could not be started: {e.Message}", e);

    private static string Decode(string tool, MemoryStream stream)
    {
        try
        {
            var text = Strict.GetString(stream.GetBuffer(), 0, (int)stream.Length);
            return OperatingSystem.IsWindows() ? text.Replace("\r\n", "\n", StringComparison.Ordinal) : text;
        }
        catch (DecoderFallbackException)
        {
            throw new HypervisorToolException(tool, "printed something that is not UTF-8 text.");
        }
    }
}

/// <summary>What a run of virsh or ssh came to.</summary>
/// <param name="Tool">The program.</param>
/// <param name="ExitCode">Its exit status; 128 and more where a signal ended it.</param>
/// <param name="Output">What it wrote to its standard output.</param>
/// <param name="Errors">What it wrote to its standard error.</param>
internal sealed record ToolRun(string Tool, int ExitCode, string Output, string Errors);

/// <summary>A folder for files that nobody else may read, gone when it is disposed of.</summary>
internal sealed class PrivateFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vm-");

    public string Path => _folder.FullName;

    /// <summary>Writes a file, and gives its path.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.GetFullPath(name, Path);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException)
        {
            // Something in it is still in use; the system clears its temporary files.
        }
    }
}
