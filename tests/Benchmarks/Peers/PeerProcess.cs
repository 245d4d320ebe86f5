using System.Diagnostics;

namespace VirtMigrate.Benchmarks.Peers;

/// <summary>A peer that stays and answers lines of its standard input, so that its own start is not measured.</summary>
internal sealed class PeerProcess : IDisposable
{
    private const string Marker = "DONE";

    private readonly Process _process;

    private PeerProcess(Process process) => _process = process;

    /// <summary>Starts an interactive virsh.</summary>
    /// <param name="uri">The host.</param>
    /// <returns>The process, connected.</returns>
    public static Task<PeerProcess> VirshAsync(string uri) => StartAsync("virsh", "-c", uri);

    /// <summary>Starts the Python script that lists domains.</summary>
    /// <param name="uri">The host.</param>
    /// <returns>The process, connected; null where Python has no libvirt.</returns>
    public static async Task<PeerProcess?> PythonAsync(string uri)
    {
        // A Python of the user's own often lacks the packages of the distribution's.
        foreach (var python in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                await PeerProgram.TimeAsync(python, "-c", "import libvirt");
                return await StartAsync(python, Path.Combine(AppContext.BaseDirectory, "Peers", "list.py"), uri);
            }
            catch (Exception e) when (e is BenchmarkException or System.ComponentModel.Win32Exception)
            {
                // Not this one.
            }
        }

        return null;
    }

    /// <summary>Sends a line and reads the answer.</summary>
    /// <param name="line">The line.</param>
    /// <returns>The answer's lines, and how long it took.</returns>
    public async Task<(IReadOnlyList<string> Lines, TimeSpan Time)> AskAsync(string line)
    {
        var lines = new List<string>();
        var begun = Stopwatch.GetTimestamp();

        // Virsh keeps its output until it prompts again, which the empty line makes it do.
        await _process.StandardInput.WriteAsync($"{line}\necho {Marker}\n\n");
        await _process.StandardInput.FlushAsync();
        while (await _process.StandardOutput.ReadLineAsync() is { } answer)
        {
            if (string.Equals(answer, Marker, StringComparison.Ordinal))
            {
                return (lines, Stopwatch.GetElapsedTime(begun));
            }

            lines.Add(answer);
        }

        throw new BenchmarkException($"{_process.StartInfo.FileName} ended: {await _process.StandardError.ReadToEndAsync()}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }

    private static async Task<PeerProcess> StartAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C";
        var peer = new PeerProcess(Process.Start(start)!);
        try
        {
            await peer.AskAsync(string.Empty);
            return peer;
        }
        catch
        {
            peer.Dispose();
            throw;
        }
    }
}
