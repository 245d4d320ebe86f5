using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.Benchmarks.Peers;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Listing;

/// <summary>A listing of a real host: what it costs must not be a call a VM.</summary>
internal sealed class List200Benchmark : IBenchmark
{
    private const int Few = 20;
    private const int Many = 200;
    private const int UsualRounds = 15;

    /// <inheritdoc/>
    public string Name => "List200";

    /// <inheritdoc/>
    public string Description => $"Get-Vm of a real host over tcp: calls on the wire and time with {Many} VMs, against {Few} VMs and virsh";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        var host = (await context.GetLabAsync()).Host2;
        await using var vms = new DefinedVms(host);
        await using var session = await ModuleSession.OpenAsync(context.CancellationToken);
        await vms.GrowToAsync(Few);
        var few = await MeasureAsync(context, session, host, Few);
        await vms.GrowToAsync(Many);
        var many = await MeasureAsync(context, session, host, Many);
        return
        [
            new(Name, "libvirt calls", Unit.Count,
                new($"Get-Vm of {Many}", Series.Of(many.Calls)), new($"Get-Vm of {Few}", Series.Of(few.Calls)), Target.AtMost(1)),
            new(Name, "time", Unit.Seconds, new($"Get-Vm of {Many}", many.Module), new($"Get-Vm of {Few}", few.Module)),
            new(Name, "time", Unit.Seconds, new($"Get-Vm of {Few}", few.Module), new($"virsh list --all of {Few}", few.Virsh)),
            new(Name, "time", Unit.Seconds, new($"Get-Vm of {Many}", many.Module), new($"virsh list --all of {Many}", many.Virsh)),
        ];
    }

    private static async Task<(int Calls, Series Module, Series Virsh)> MeasureAsync(
        BenchmarkContext context, ModuleSession session, LabHost host, int vms)
    {
        var calls = await CountCallsAsync(session, host, vms);
        context.Note($"{vms} VMs: {calls.Length} calls, by libvirt's numbers: {string.Join(", ", calls)}");

        await session.ConnectAsync(host.Tcp);
        using var virsh = await PeerProcess.VirshAsync(host.Tcp);
        var times = await Race.RunAsync(context.Runs(UsualRounds),
        [
            () => session.TimeAsync("Get-Vm", new { VmHost = host.Tcp }),
            async () => (await virsh.AskAsync("list --all")).Time,
        ], context.CancellationToken);
        return (calls.Length, Series.Of(times[0]), Series.Of(times[1]));
    }

    private static async Task<uint[]> CountCallsAsync(ModuleSession session, LabHost host, int vms)
    {
        await using var proxy = new CountingProxy(host.Address);
        await session.ConnectAsync(proxy.Uri);
        await session.RunAsync("Get-Vm", new { VmHost = proxy.Uri });
        proxy.TakeCalls();
        var listed = (await session.RunAsync("Get-Vm", new { VmHost = proxy.Uri })).Count;
        var calls = proxy.TakeCalls();
        await session.RunAsync("Disconnect-VmHost", new { VmHost = proxy.Uri });
        return listed == vms ? calls : throw new BenchmarkException($"Get-Vm listed {listed} VMs instead of {vms}.");
    }
}
