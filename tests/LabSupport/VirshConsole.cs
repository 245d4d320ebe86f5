using System.Diagnostics;
using System.Text;

namespace VirtMigrate.LabSupport;

/// <summary>
/// One virsh for a test that waits and asks again and again: to start one takes more of the processor than anything that it is asked. It
/// ends when this is disposed.
/// </summary>
/// <param name="host">The host.</param>
internal sealed class VirshConsole(LabHost host) : IDisposable
{
    private const string End = "/end/";

    private readonly char[] _buffer = new char[4096];
    private Process? _process;

    /// <summary>Asks the host.</summary>
    /// <param name="arguments">The command, which must change nothing: where it fails it is asked once more, by a virsh of its own.</param>
    /// <returns>What virsh printed, or its error, trimmed.</returns>
    public async Task<string> AskAsync(params string[] arguments)
    {
        var answer = await AskConsoleAsync($"{string.Join(' ', arguments.Select(Quote))}\necho {End}\n");
        if (answer?.Contains("error:", StringComparison.Ordinal) is false)
        {
            return answer;
        }

        Dispose();
        return await Lab.VirshAsync(host, arguments);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_process is { } process)
        {
            _process = null;
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    // What virsh prints to a pipe: its prompt with what it reads, the answer, the prompt with "echo", and what that says.
    private async Task<string?> AskConsoleAsync(string commands)
    {
        _process ??= Start(host);
        try
        {
            await _process.StandardInput.WriteAsync(commands);
            await _process.StandardInput.FlushAsync();
        }
        catch (IOException)
        {
            return null;
        }

        var text = new StringBuilder();
        while (!text.ToString().EndsWith($"\n{End}", StringComparison.Ordinal))
        {
            var count = await _process.StandardOutput.ReadAsync(_buffer);
            if (count == 0)
            {
                return null;
            }

            // The next prompt may be there already.
            text.Append(_buffer, 0, count).Replace($"\n{End}virsh # ", $"\n{End}");
        }

        var lines = text.ToString().Split('\n');
        return string.Join('\n', lines[1..^2]).Trim();
    }

    // Its errors come where the answers come.
    private static Process Start(LabHost host)
    {
        var start = new ProcessStartInfo("sh", ["-c", "exec virsh -q -c \"$0\" 2>&1", host.Tcp])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        (start.Environment["LC_ALL"], start.Environment["TERM"]) = ("C", "dumb");
        return Process.Start(start) ?? throw new LabException("virsh did not start.");
    }

    private static string Quote(string argument) => $"\"{argument.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
