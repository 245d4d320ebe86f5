using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.Benchmarks.Peers;

namespace VirtMigrate.Benchmarks.Listing;

/// <summary>Looking again and again over ssh: one connection that stays open against one a look.</summary>
internal sealed class Ssh20Benchmark : IBenchmark
{
    private const int Looks = 20;
    private const int UsualRounds = 7;

    /// <inheritdoc/>
    public string Name => "Ssh20";

    /// <inheritdoc/>
    public string Description => $"{Looks} Get-Vm on an open ssh connection against {Looks} virsh -c qemu+ssh://… list --all";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        var lab = await context.GetLabAsync();
        var uri = lab.Host1.Ssh;
        await using var guest = await lab.StartGuestAsync("bench-ssh", "--memory", "192");
        await using var session = await ModuleSession.OpenAsync(context.CancellationToken);
        await session.ConnectAsync(uri);

        var times = await Race.RunAsync(context.Runs(UsualRounds),
        [
            () => session.TimeAsync("Get-VmAgain", new { VmHost = uri, Times = Looks }),
            () => TimeVirshAsync(uri, context.CancellationToken),
        ], context.CancellationToken);
        return
        [
            new(Name, $"time of {Looks}", Unit.Seconds,
                new("Get-Vm", Series.Of(times[0])), new("virsh list --all", Series.Of(times[1])), Target.FasterBy(30)),
        ];
    }

    private static async Task<TimeSpan> TimeVirshAsync(string uri, CancellationToken cancellationToken)
    {
        var time = TimeSpan.Zero;
        for (var i = 0; i < Looks; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            time += await PeerProgram.TimeAsync("virsh", "-c", uri, "list", "--all");
        }

        return time;
    }
}
