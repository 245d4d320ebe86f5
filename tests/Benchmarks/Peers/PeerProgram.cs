using System.Diagnostics;

namespace VirtMigrate.Benchmarks.Peers;

/// <summary>Runs a peer's program once.</summary>
internal static class PeerProgram
{
    /// <summary>Runs a program that must succeed, its output going nowhere.</summary>
    /// <param name="program">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <returns>How long it took, from start to end.</returns>
    public static async Task<TimeSpan> TimeAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C";
        var begun = Stopwatch.GetTimestamp();
        using var process = Process.Start(start)!;

        // A process that is disposed of leaves the streams that were asked for to whoever did.
        using var standardOutput = process.StandardOutput;
        using var standardError = process.StandardError;
        var output = standardOutput.ReadToEndAsync();
        var error = standardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        var time = Stopwatch.GetElapsedTime(begun);
        return process.ExitCode == 0
            ? time
            : throw new BenchmarkException($"{program} {string.Join(' ', arguments)}: {(await error + await output).Trim()}");
    }
}
