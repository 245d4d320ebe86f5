using VirtMigrate.Benchmarks.Listing;
using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Readiness;

/// <summary>Readiness of many VMs: what it costs must be a host pair's handful of calls and a call a VM, no more.</summary>
internal sealed class Ready200Benchmark : IBenchmark
{
    private const int One = 1;
    private const int Many = 200;
    private const double MostSeconds = 3;
    private const int UsualRounds = 5;

    /// <inheritdoc/>
    public string Name => "Ready200";

    /// <inheritdoc/>
    public string Description => $"Test-VmMigrationReadiness of {Many} defined VMs for one destination over tcp: calls on the wire and time, against {One} VM";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        var lab = await context.GetLabAsync();
        await using var vms = new DefinedVms(lab.Host1, name => $"""
            <emulator>{lab.Emulator}</emulator>
            <disk type="file"><source file="{lab.Shared}/{name}.qcow2"/><driver name="qemu" type="qcow2" cache="none"/><target dev="vda" bus="virtio"/></disk>
            <interface type="network"><source network="default"/></interface>
            """);
        await using var session = await ModuleSession.OpenAsync(context.CancellationToken);
        await vms.GrowToAsync(One);
        var one = await MeasureAsync(context, session, lab, One);
        await vms.GrowToAsync(Many);
        var many = await MeasureAsync(context, session, lab, Many);
        var callsByVm = (many.Calls - one.Calls) / (double)(Many - One);
        return
        [
            new(Name, "libvirt calls", Unit.Count, new($"of {Many} VMs", Series.Of(many.Calls)), new($"of {One} VM", Series.Of(one.Calls))),
            new(Name, "libvirt calls for each VM more", Unit.Count,
                new($"of {Many} VMs", Series.Of(callsByVm)), new("one", Series.Of(1)), Target.AtMost(1)),
            new(Name, "time", Unit.Seconds,
                new($"of {Many} VMs", many.Time), new("the bound", new([.. many.Time.Values.Select(_ => MostSeconds)])), Target.AtMost(1)),
            new(Name, "time", Unit.Seconds, new($"of {Many} VMs", many.Time), new($"of {One} VM", one.Time)),
        ];
    }

    private static async Task<(int Calls, Series Time)> MeasureAsync(BenchmarkContext context, ModuleSession session, Lab lab, int vms)
    {
        var calls = await CountCallsAsync(context, session, lab, vms);
        await SelectAsync(session, lab.Host1.Tcp, lab.Host2.Tcp);
        var times = await Race.RunAsync(
            context.Runs(UsualRounds),
            [() => session.TimeAsync("Test-Selected", new { Destination = lab.Host2.Tcp })],
            context.CancellationToken);
        return (calls, Series.Of(times[0]));
    }

    // The hosts' own addresses are hidden behind the proxies', so that what the checks find is of no interest here.
    private static async Task<int> CountCallsAsync(BenchmarkContext context, ModuleSession session, Lab lab, int vms)
    {
        await using var source = new CountingProxy(lab.Host1.Address);
        await using var destination = new CountingProxy(lab.Host2.Address);
        await SelectAsync(session, source.Uri, destination.Uri);
        source.TakeCalls();
        destination.TakeCalls();
        var reports = (await session.RunAsync("Test-Selected", new { Destination = destination.Uri })).Count;
        var (atSource, atDestination) = (source.TakeCalls(), destination.TakeCalls());
        await session.RunAsync("Disconnect-VmHost", new { VmHost = (string[])[source.Uri, destination.Uri] });
        context.Note($"{vms} VMs: {atSource.Length} calls to the source, {atDestination.Length} to the destination, by libvirt's numbers: {Tally(atSource)}; {Tally(atDestination)}");
        return reports == vms
            ? atSource.Length + atDestination.Length
            : throw new BenchmarkException($"Test-VmMigrationReadiness gave {reports} reports instead of {vms}.");
    }

    private static async Task SelectAsync(ModuleSession session, string source, string destination)
    {
        await session.RunAsync("Select-Vm", new { Name = "bench-defined-*", VmHost = source });
        await session.ConnectAsync(destination);
    }

    private static string Tally(uint[] calls) =>
        string.Join(", ", calls.CountBy(c => c).OrderBy(c => c.Key).Select(c => c.Value == 1 ? $"{c.Key}" : $"{c.Value} × {c.Key}"));
}
