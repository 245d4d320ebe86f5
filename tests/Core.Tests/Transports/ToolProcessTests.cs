using System.Diagnostics;
using System.Globalization;
using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Programs that this one starts: what reaches them, and what ends them.</summary>
public sealed class ToolProcessTests
{
    private const int Group = 4;
    private const int Session = 5;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_program_is_in_no_group_and_no_session_of_this_process()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Process groups are looked up in /proc.");
        var run = await ToolProcess.RunAsync(new("sh", ["-c", "cat /proc/$$/stat"]), input: null, Token);

        var program = Fields(run.Output);
        Assert.Equal((program[0], program[0]), (program[Group], program[Session]));
        Assert.NotEqual(Fields(await File.ReadAllTextAsync("/proc/self/stat", Token))[Session], program[Session]);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("QUIT")]
    [InlineData("TERM")]
    [InlineData("HUP")]
    public async Task A_signal_to_the_group_that_started_it_does_not_reach_it(string signal)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Process groups are looked up in /proc.");
        var mark = $"{7_000_000 + Random.Shared.Next(1_000_000)}";
        var command = new ToolCommand("sleep", [mark]).ToCommand();

        // The group of a process like this one, which starts the program as this one does, and waits for it. Signals that are ignored here
        // (a run in the background, nohup) would be there, too, and nothing would end it.
        using var group = Process.Start(new ProcessStartInfo("env",
            ["--default-signal=INT,QUIT,TERM,HUP", "setsid", "sh", "-c", "\"$@\" & wait", "sh", command.TargetFilePath, .. Split(command.Arguments)]))!;
        try
        {
            await UntilAsync(() => Find(mark).Length == 1);
            using (var kill = Process.Start("kill", ["-s", signal, "--", $"-{group.Id}"]))
            {
                await kill.WaitForExitAsync(Token);
            }

            await group.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
            await Task.Delay(200, Token);
            Assert.Single(Find(mark));
        }
        finally
        {
            group.Kill();
            foreach (var id in Find(mark))
            {
                using var program = Process.GetProcessById(id);
                program.Kill();
            }
        }
    }

    [Fact]
    public async Task A_program_that_listens_ends_when_nobody_hears_it_any_more()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Processes are looked up in /proc.");
        var mark = $"{6_000_000 + Random.Shared.Next(1_000_000)}";
        var command = new ToolCommand("sh", [.. ToolProcess.UntilInputEnds(["sleep", mark]).Skip(1)]).ToCommand();
        using var parent = Process.Start(new ProcessStartInfo("sh", ["-c", "tail -f /dev/null | \"$@\"", "sh", command.TargetFilePath, .. Split(command.Arguments)]))!;
        await UntilAsync(() => Find(mark).Length == 1);

        parent.Kill(entireProcessTree: false);
        foreach (var id in Children("tail\0-f\0/dev/null\0", parent.Id))
        {
            using var tail = Process.GetProcessById(id);
            tail.Kill();
        }

        await UntilAsync(() => Find(mark).Length == 0);
    }

    private static string[] Split(string arguments)
    {
        // What CliWrap escapes for a command line, read back as .NET itself reads it.
        var words = new List<string>();
        var word = new System.Text.StringBuilder();
        var (isQuoted, isWord) = (false, false);
        for (var i = 0; i < arguments.Length; i++)
        {
            var c = arguments[i];
            if (c == '\\' && i + 1 < arguments.Length && arguments[i + 1] is '"' or '\\')
            {
                word.Append(arguments[++i]);
            }
            else if (c == '"')
            {
                (isQuoted, isWord) = (!isQuoted, true);
            }
            else if (c == ' ' && !isQuoted)
            {
                if (isWord || word.Length > 0)
                {
                    words.Add(word.ToString());
                }

                word.Clear();
                isWord = false;
            }
            else
            {
                word.Append(c);
            }
        }

        return word.Length > 0 || isWord ? [.. words, word.ToString()] : [.. words];
    }

    private static int[] Find(string mark) => Find(c => string.Equals(c, $"sleep\0{mark}\0", StringComparison.Ordinal));

    private static int[] Children(string commandLine, int parent) => [.. Find(c => string.Equals(c, commandLine, StringComparison.Ordinal))
        .Where(id => Fields(File.ReadAllText($"/proc/{id}/stat")) is var fields && (string.Equals(fields[3], $"{parent}", StringComparison.Ordinal) || string.Equals(fields[3], "1", StringComparison.Ordinal)))];

    private static int[] Find(Func<string, bool> isMeant) =>
    [
        .. Directory.EnumerateDirectories("/proc").Select(d => int.TryParse(Path.GetFileName(d), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && isMeant(CommandLine(id))),
    ];

    private static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static string[] Fields(string stat) => [stat.Split(' ')[0], "name", .. stat[(stat.LastIndexOf(')') + 2)..].Trim().Split(' ')];

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var i = 0; !condition(); i++)
        {
            Assert.InRange(i, 0, 500);
            await Task.Delay(20, Token);
        }
    }
}
