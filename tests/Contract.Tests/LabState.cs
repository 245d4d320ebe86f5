using System.Diagnostics;
using VirtMigrate.LabSupport;

namespace VirtMigrate.ContractTests;

/// <summary>What of the hosts a test must leave as it was, since every later test meets it.</summary>
internal sealed class LabState
{
    private readonly string[] _lines;

    private LabState(string[] lines) => _lines = lines;

    /// <summary>Looks at the hosts.</summary>
    /// <param name="lab">The hosts.</param>
    /// <returns>What is there now.</returns>
    public static async Task<LabState> ReadAsync(Lab lab) => new((await lab.RunAsync("state")).Split('\n', StringSplitOptions.RemoveEmptyEntries));

    /// <summary>Says what is different.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="patience">How long a host may need to be through with what it was asked for.</param>
    /// <returns>What is there now, and a line for each thing that was added or is gone.</returns>
    public async Task<(LabState Now, string Differences)> CompareAsync(Lab lab, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var now = await ReadAsync(lab);
            string[] differences = [.. now._lines.Except(_lines).Select(l => "+ " + l), .. _lines.Except(now._lines).Select(l => "- " + l)];
            if (differences.Length == 0 || Stopwatch.GetElapsedTime(start) >= patience)
            {
                return (now, string.Join('\n', differences));
            }

            await Task.Delay(250);
        }
    }
}
