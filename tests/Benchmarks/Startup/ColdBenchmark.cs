using System.Diagnostics;
using System.Globalization;
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
        results.AddRange(await MeasureAsync(context, host));
        return results;
    }

    private async Task<IReadOnlyList<BenchmarkResult>> MeasureAsync(BenchmarkContext context, LabHost host)
    {
        var times = await Race.RunAsync(context.Runs(UsualRounds),
        [
            () => TimeAsync(PowerShellProgram.CommandLine("Cold.ps1", ProjectLayout.Module, host.Tcp)),
            () => TimeAsync(PowerShellProgram.CommandLine("Empty.ps1")),
            async () => new Stages(await PeerProgram.TimeAsync("virsh", "-c", host.Tcp, "list", "--all")),
        ], context.CancellationToken);
        Series Of(int contestant, Func<Stages, TimeSpan> read) => Series.Of(times[contestant].Select(read));
        BenchmarkResult Part(string what, Series part) => new(Name, what, Unit.Seconds, new("pwsh", part));
        return
        [
            new(Name, "time", Unit.Seconds, new("pwsh", Of(0, s => s.Whole)), new("virsh list --all", Of(2, s => s.Whole))),
            Part("- an empty process", Of(1, s => s.Whole)),
            Part("- Import-Module", Of(0, s => s.Import)),
            Part("- connecting", Of(0, s => s.Connect)),
            Part("- listing", Of(0, s => s.List)),
        ];
    }

    private static async Task<Stages> TimeAsync(string[] commandLine)
    {
        var begun = Stopwatch.GetTimestamp();
        var result = await Cli.Wrap(commandLine[0]).WithArguments(commandLine[1..]).ExecuteBufferedAsync();
        var whole = Stopwatch.GetElapsedTime(begun);
        var stages = result.StandardOutput.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Milliseconds).ToArray();
        return stages is [var import, var connect, var list]
            ? new(whole, import, connect - import, list - connect)
            : new(whole);
    }

    private static TimeSpan Milliseconds(string text) => TimeSpan.FromMilliseconds(long.Parse(text, CultureInfo.InvariantCulture));

    private sealed record Stages(TimeSpan Whole, TimeSpan Import = default, TimeSpan Connect = default, TimeSpan List = default);
}
