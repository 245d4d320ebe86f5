using VirtMigrate.Benchmarks.Measurement;
using VirtMigrate.Benchmarks.Migrations;
using VirtMigrate.Benchmarks.Peers;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Transports;

/// <summary>What each transport costs, against a person who types virsh commands.</summary>
internal sealed class TransportsBenchmark : IBenchmark
{
    private const int Looks = 10;
    private const int UsualRounds = 7;
    private const int UsualMoves = 4;

    // A guest that is through in a second says more of programs' starts than of migrations: with this link it takes about eleven.
    private const string Link = "120mbit";

    private static readonly (string Name, string Way)[] All = [("Libvirt", "tcp"), ("Virsh", "tcp"), ("Ssh", "ssh")];

    /// <inheritdoc/>
    public string Name => "Transports";

    /// <inheritdoc/>
    public string Description =>
        $"the cmdlets that look and that steer, {Looks} looks in a row by ssh, and a migration over {Link}, over each transport, against the same virsh commands";

    /// <inheritdoc/>
    public bool NeedsLab => true;

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BenchmarkResult>> RunAsync(BenchmarkContext context)
    {
        var lab = await context.GetLabAsync();
        var results = new List<BenchmarkResult>();
        await using (await lab.StartGuestAsync(ReadCommand.Guest, "--memory", "192"))
        {
            foreach (var transport in All)
            {
                results.AddRange(await LookAsync(context, lab, transport));
            }

            results.Add(await LookOftenAsync(context, lab));
        }

        foreach (var transport in All)
        {
            results.AddRange(await SteerAsync(context, lab, transport));
        }

        results.AddRange(await MoveAsync(context, lab, ("Virsh", "tcp"), Target.AtMost(1.05)));
        results.AddRange(await MoveAsync(context, lab, ("Ssh", "ssh"), target: null));
        return results;
    }

    private async Task<IReadOnlyList<BenchmarkResult>> LookAsync(BenchmarkContext context, Lab lab, (string Name, string Way) transport)
    {
        await using var session = await ConnectAsync(context, lab, transport);
        var scene = new ReadCommand.Scene(lab.Host1.Uri(transport.Way), lab.Host2.Uri(transport.Way), transport.Name);
        var results = new List<BenchmarkResult>();
        foreach (var command in ReadCommand.All)
        {
            List<Func<Task<TimeSpan>>> contestants = [() => session.TimeAsync(command.Command, command.Arguments(scene))];
            if (command.Virsh is { } virsh)
            {
                contestants.Add(() => PeerProgram.TimeAsync("virsh", ["-c", lab.Host1.Uri(transport.Way), .. virsh]));
            }

            var times = await Race.RunAsync(context.Runs(UsualRounds), contestants, context.CancellationToken);
            results.Add(Row(transport, (command.Name, times[0]), command.Virsh is null ? null : (command.Virsh[0], times[1])));
        }

        return results;
    }

    // A person who types virsh domjobabort does not see whether the VM is back, nor its state after migrate-postcopy: the cmdlets look.
    private async Task<IReadOnlyList<BenchmarkResult>> SteerAsync(BenchmarkContext context, Lab lab, (string Name, string Way) transport)
    {
        await using var session = await ConnectAsync(context, lab, transport);
        await using var guest = await SteeredGuest.StartAsync(lab, session, transport.Way);
        await using var from = await lab.LimitAsync(lab.Host1, Link);
        await using var to = await lab.LimitAsync(lab.Host2, Link);
        var results = new List<BenchmarkResult>();
        foreach (var command in SteerCommand.All)
        {
            var times = await Race.RunAsync(
                context.Runs(UsualRounds), [() => guest.RunModuleAsync(command), () => guest.RunVirshAsync(command)], context.CancellationToken);
            results.Add(Row(transport, (command.Name, times[0]), (command.Virsh[0], times[1])));
        }

        await guest.AssertWholeAsync();
        return results;
    }

    private BenchmarkResult Row((string Name, string Way) transport, (string Name, IReadOnlyList<TimeSpan> Times) cmdlet, (string Name, IReadOnlyList<TimeSpan> Times)? virsh) => new(
        Name, $"time over {transport.Name}", Unit.Seconds, new(cmdlet.Name, Series.Of(cmdlet.Times)),
        virsh is { } peer ? new($"virsh -c qemu+{transport.Way} {peer.Name}", Series.Of(peer.Times)) : null);

    // Each look is a program that is started; what all of them share is the connection.
    private async Task<BenchmarkResult> LookOftenAsync(BenchmarkContext context, Lab lab)
    {
        var uri = lab.Host1.Ssh;
        await using var session = await ConnectAsync(context, lab, ("Ssh", "ssh"));
        var times = await Race.RunAsync(context.Runs(UsualRounds),
        [
            () => session.TimeAsync("Get-VmAgain", new { VmHost = uri, Times = Looks }),
            async () =>
            {
                var time = TimeSpan.Zero;
                for (var i = 0; i < Looks; i++)
                {
                    time += await PeerProgram.TimeAsync("virsh", "-c", uri, "list", "--all");
                }

                return time;
            },
        ], context.CancellationToken);
        return new(Name, $"time of {Looks} over Ssh", Unit.Seconds,
            new("Get-Vm", Series.Of(times[0])), new("virsh -c qemu+ssh list", Series.Of(times[1])), Target.FasterBy(5));
    }

    private async Task<IReadOnlyList<BenchmarkResult>> MoveAsync(BenchmarkContext context, Lab lab, (string Name, string Way) transport, Target? target)
    {
        await using var session = await ModuleSession.OpenAsync(context.CancellationToken);
        await using var guest = await MovingGuest.StartAsync(lab, session, transport, "bench-moves", "--memory", "256", "--dirty", "4");
        await using var from = await lab.LimitAsync(lab.Host1, Link);
        await using var to = await lab.LimitAsync(lab.Host2, Link);
        var rounds = (context.Runs(UsualMoves) + 1) / 2 * 2;
        var measured = await Race.RunAsync(rounds, [guest.MoveByModuleAsync, guest.MoveByVirshAsync], context.CancellationToken);
        await guest.AssertWholeAsync();

        BenchmarkResult Row(string figure, Func<MigrationFigures, TimeSpan> read, Target? aim) => new(
            Name, $"{figure} over {transport.Name}", Unit.Seconds, new("Start-VmMigration", Series.Of(measured[0].Select(read))),
            new($"virsh -c qemu+{transport.Way} migrate", Series.Of(measured[1].Select(read))), aim);

        return [Row("time", f => f.Time, target), Row("time outside of libvirt's job", f => f.Time - f.Job, aim: null), Row("downtime", f => f.Downtime, aim: null)];
    }

    private static async Task<ModuleSession> ConnectAsync(BenchmarkContext context, Lab lab, (string Name, string Way) transport)
    {
        var session = await ModuleSession.OpenAsync(context.CancellationToken);
        string[] hosts = [lab.Host1.Uri(transport.Way), lab.Host2.Uri(transport.Way)];
        await session.RunAsync("Connect-VmHost", new { VmHost = hosts, Transport = transport.Name });
        return session;
    }
}
