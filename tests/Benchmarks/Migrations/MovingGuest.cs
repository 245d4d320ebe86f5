using System.Diagnostics;
using System.Globalization;
using VirtMigrate.Benchmarks.Peers;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Migrations;

/// <summary>A guest that goes back and forth between the hosts, each time by whoever's turn it is.</summary>
internal sealed class MovingGuest : IAsyncDisposable
{
    private const string Cmdlet = "Start-VmMigration";

    // A few ticks before and after a migration, and time for the former host to clear up.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(300);

    private readonly ModuleSession _session;
    private readonly LabGuest _guest;
    private readonly string _way;
    private LabHost _here;
    private LabHost _there;

    private MovingGuest(ModuleSession session, LabGuest guest, string way, LabHost here, LabHost there) =>
        (_session, _guest, _way, _here, _there) = (session, guest, way, here, there);

    /// <summary>Boots a guest and opens the session's connections over tcp, unless they are open already.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="session">The session.</param>
    /// <param name="name">The guest's name.</param>
    /// <param name="options">Options of <c>lab guest</c>.</param>
    /// <returns>The guest.</returns>
    public static async Task<MovingGuest> StartAsync(Lab lab, ModuleSession session, string name, params string[] options)
    {
        await session.ConnectAsync(lab.Host1.Tcp, lab.Host2.Tcp);
        return new(session, await lab.StartGuestAsync(name, options), "tcp", lab.Host1, lab.Host2);
    }

    /// <summary>Boots a guest and opens the session's connections over a transport.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="session">The session.</param>
    /// <param name="transport">The transport and its way.</param>
    /// <param name="name">The guest's name.</param>
    /// <param name="options">Options of <c>lab guest</c>.</param>
    /// <returns>The guest.</returns>
    public static async Task<MovingGuest> StartAsync(
        Lab lab, ModuleSession session, (string Name, string Way) transport, string name, params string[] options)
    {
        string[] hosts = [lab.Host1.Uri(transport.Way), lab.Host2.Uri(transport.Way)];
        await session.RunAsync("Connect-VmHost", new { VmHost = hosts, Transport = transport.Name });
        return new(session, await lab.StartGuestAsync(name, options), transport.Way, lab.Host1, lab.Host2);
    }

    /// <summary>Moves the guest with Start-VmMigration.</summary>
    /// <returns>What it took.</returns>
    public async Task<MigrationFigures> MoveByModuleAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        var options = new { Vm = _guest.Name, VmHost = _here.Uri(_way), Destination = _there.Uri(_way), Live = true, Persistent = true, Confirm = false };
        var answer = await _session.RunAsync(Cmdlet, options, "Downtime", "Statistics.Elapsed");
        var result = answer.Single(Cmdlet);
        return result.Duration("Downtime") is { } downtime && result.Duration("Statistics.Elapsed") is { } job
            ? await ArriveAsync(begun, answer.Time, job, downtime)
            : throw new BenchmarkException($"{Cmdlet} gave no result with libvirt's account.");
    }

    /// <summary>Moves the guest with virsh.</summary>
    /// <returns>What it took.</returns>
    public async Task<MigrationFigures> MoveByVirshAsync()
    {
        var begun = Stopwatch.GetTimestamp();
        var time = await PeerProgram.TimeAsync("virsh", "-c", _here.Uri(_way), "migrate", "--live", "--persistent", _guest.Name, _there.Uri(_way));
        var account = await Lab.VirshAsync(_there, "domjobinfo", _guest.Name, "--completed", "--keep-completed", "--rawstats");
        return await ArriveAsync(begun, time, ReadTime(account, "time_elapsed:"), ReadTime(account, "downtime:"));
    }

    /// <summary>Makes sure that the guest lost nothing on its way.</summary>
    /// <returns>A task that ends when the guest was looked at.</returns>
    public Task AssertWholeAsync() => _guest.AssertWholeOnAsync(_here);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _guest.DisposeAsync();

    private static TimeSpan ReadTime(string account, string field)
    {
        var line = account.Split('\n').FirstOrDefault(l => l.StartsWith(field, StringComparison.Ordinal))
            ?? throw new BenchmarkException($"virsh domjobinfo tells no {field} {account}");
        return TimeSpan.FromMilliseconds(long.Parse(line[field.Length..], CultureInfo.InvariantCulture));
    }

    private async Task<MigrationFigures> ArriveAsync(long begun, TimeSpan time, TimeSpan job, TimeSpan downtime)
    {
        await Task.Delay(Rest);
        (_here, _there) = (_there, _here);
        return new(time, job, downtime, _guest.LongestSilence(begun, Stopwatch.GetTimestamp()));
    }
}
