using CliWrap;
using CliWrap.Buffered;
using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.Benchmarks.Peers;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Startup;

/// <summary>The first command in a new process, and what its parts cost. Nothing is aimed at: most of it is PowerShell itself.</summary>
internal sealed class ColdBenchmark : IBenchmark
{
    private const int UsualRounds = 7;

    /// <inheritdoc/>
    public string Name => "Cold";

    /// <inheritdoc/>
    public string Description => "Import-Module and the first Get-Vm in a new process against virsh list over tcp, and where the time goes";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        var host = (await context.GetLabAsync()).Host1;
        await using var guest = await (await context.GetLabAsync()).StartGuestAsync("bench-cold", "--memory", "192");
        var results = new List<BenchmarkResult>();
        results.AddRange(await MeasureAsync(context, host, "tests/Shell", ShellProcess.CommandLine));
        if (await HasPwshAsync())
        {
            results.AddRange(await MeasureAsync(context, host, "pwsh", c => ["pwsh", "-NoProfile", "-NonInteractive", "-Command", c]));
        }
        else
        {
            context.Note("pwsh is not on PATH and left out.");
        }

        return results;
    }

    private async Task<IReadOnlyList<BenchmarkResult>> MeasureAsync(
        BenchmarkContext context, LabHost host, string shell, Func<string, string[]> commandLine)
    {
        var import = $"Import-Module '{ProjectLayout.Module}'";
        string[] stages = ["exit", import, $"{import}; $null = Connect-VmHost '{host.Tcp}'", $"{import}; $null = Get-Vm -VmHost '{host.Tcp}'"];
        var times = await Race.RunAsync(context.Runs(UsualRounds),
        [
            .. stages.Select(stage => (Func<Task<TimeSpan>>)(() => TimeAsync(commandLine(stage)))),
            () => PeerProgram.TimeAsync("virsh", "-c", host.Tcp, "list", "--all"),
        ], context.CancellationToken);
        var series = times.Select(Series.Of).ToArray();
        BenchmarkResult Part(string what, Series part) => new(Name, $"  {what}", Unit.Seconds, new(shell, part));
        return
        [
            new(Name, "time", Unit.Seconds, new(shell, series[3]), new("virsh list --all", series[4])),
            Part("of it: empty process", series[0]),
            Part("+ Import-Module", series[1].Minus(series[0])),
            Part("+ connecting", series[2].Minus(series[1])),
            Part("+ listing", series[3].Minus(series[2])),
        ];
    }

    private static Task<TimeSpan> TimeAsync(string[] commandLine) => PeerProgram.TimeAsync(commandLine[0], commandLine[1..]);

    private static async Task<bool> HasPwshAsync()
    {
        try
        {
            return (await Cli.Wrap("pwsh").WithArguments("-Version").ExecuteBufferedAsync()).IsSuccess;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
