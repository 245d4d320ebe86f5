using System.Globalization;
using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.Benchmarks.Peers;

namespace VirtMigrate.Benchmarks.Listing;

/// <summary>A listing of ten thousand VMs, in which the client's own work is all there is.</summary>
internal sealed class List10kBenchmark : IBenchmark
{
    private const int Domains = 10_000;
    private const int UsualRounds = 9;

    /// <inheritdoc/>
    public string Name => "List10k";

    /// <inheritdoc/>
    public string Description => "Get-Vm of libvirt's test driver with 10,000 VMs against python3-libvirt and virsh on open connections";

    /// <inheritdoc/>
    public bool NeedsLab => false;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        using var node = new TestDriverNode(Domains);
        await using var session = await ModuleSession.OpenAsync(context.CancellationToken);
        await session.ConnectAsync(node.Uri);
        using var virsh = await PeerProcess.VirshAsync(node.Uri);
        using var python = await PeerProcess.PythonAsync(node.Uri);

        List<Func<Task<TimeSpan>>> contestants = [() => TimeModuleAsync(session, node), () => TimeVirshAsync(virsh)];
        if (python is null)
        {
            context.Note("python3-libvirt is missing and left out.");
        }
        else
        {
            contestants.Add(() => TimePythonAsync(python));
        }

        var times = await Race.RunAsync(context.Runs(UsualRounds), contestants, context.CancellationToken);
        var subject = new Entry("Get-Vm", Series.Of(times[0]));
        BenchmarkResult Row(string peer, int contestant, Target target) =>
            new(Name, "time", Unit.Seconds, subject, new(peer, Series.Of(times[contestant])), target);

        var results = new List<BenchmarkResult> { Row("virsh list --all", 1, Target.FasterBy(10)) };
        if (python is not null)
        {
            results.Add(Row("python3-libvirt", 2, Target.AtMost(1.5)));
        }

        return results;
    }

    private static async Task<TimeSpan> TimeModuleAsync(ModuleSession session, TestDriverNode node)
    {
        var answer = await session.RunAsync("Get-Vm", new { VmHost = node.Uri });
        RequireAll("Get-Vm", answer.Count);
        return answer.Time;
    }

    private static async Task<TimeSpan> TimeVirshAsync(PeerProcess virsh)
    {
        var (lines, time) = await virsh.AskAsync("list --all");
        RequireAll("virsh", lines.Count(l => l.EndsWith("running", StringComparison.Ordinal)));
        return time;
    }

    private static async Task<TimeSpan> TimePythonAsync(PeerProcess python)
    {
        var (lines, time) = await python.AskAsync("list");
        RequireAll("python3-libvirt", int.Parse(lines[0], CultureInfo.InvariantCulture));
        return time;
    }

    private static void RequireAll(string who, int listed)
    {
        if (listed != Domains)
        {
            throw new BenchmarkException($"{who} listed {listed} VMs instead of {Domains}.");
        }
    }
}
