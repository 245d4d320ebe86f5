using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>
/// A session for each rate of the links, so that what one rate achieved is not taken for what another one will (<c>Scripts/Links.ps1</c>).
/// Each has seen one migration before it is used, as one does who has migrated between two hosts before. What is measured in one of them is
/// known in all: they share a PowerShell.
/// </summary>
internal sealed class LinkSessions : IAsyncDisposable
{
    // The warm-up's memory takes some seconds over the fastest link.
    private static readonly string[] WarmUp = ["--memory", "256", "--working-set", "128", "--dirty", "1"];

    private readonly ModuleSession _session;
    private readonly Lab _lab;

    private LinkSessions(ModuleSession session, Lab lab) => (_session, _lab) = (session, lab);

    /// <summary>Opens a session for each rate and migrates in it once, all with one guest that hardly writes.</summary>
    /// <param name="context">What the benchmarks share.</param>
    /// <param name="lab">The hosts.</param>
    /// <param name="links">The rates, in Mbit/s.</param>
    /// <returns>The sessions, which all know their link.</returns>
    public static async Task<LinkSessions> OpenAsync(BenchmarkContext context, Lab lab, IEnumerable<int> links)
    {
        var sessions = new LinkSessions(await ModuleSession.OpenAsync(context.CancellationToken), lab);
        try
        {
            await sessions.WarmUpAsync(context, links);
            return sessions;
        }
        catch
        {
            await sessions.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a cmdlet in the session of a rate.</summary>
    /// <param name="link">The rate, in Mbit/s.</param>
    /// <param name="cmdlet">The cmdlet.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="read">The properties to read of what it emits.</param>
    /// <returns>What came of it.</returns>
    public Task<SessionAnswer> RunAsync(int link, string cmdlet, object arguments, params string[] read) =>
        _session.RunAsync("Invoke-Link", new { Link = link, Command = cmdlet, Arguments = arguments }, read);

    /// <summary>Measures a dirty rate in the session of a rate, which all of them then estimate by.</summary>
    /// <param name="link">The rate, in Mbit/s.</param>
    /// <param name="vm">The VM.</param>
    /// <param name="host">Its host.</param>
    /// <returns>The rate, in bytes per second.</returns>
    public async Task<long> MeasureAsync(int link, string vm, string host)
    {
        const string Rate = "BytesPerSecond";
        var answer = await _session.RunAsync("Measure-Link", new { Link = link, Arguments = new { Vm = vm, VmHost = host, Curve = true } }, Rate);
        return answer.Single("Measure-VmDirtyRate").Number(Rate) ?? throw new BenchmarkException("Measure-VmDirtyRate gave no rate.");
    }

    /// <summary>Estimates in the session of a rate, by the dirty rate that was measured last.</summary>
    /// <param name="link">The rate, in Mbit/s.</param>
    /// <param name="arguments">The arguments of Get-VmMigrationEstimate but the dirty rate.</param>
    /// <param name="read">The properties to read.</param>
    /// <returns>The estimate.</returns>
    public async Task<ReadObject> EstimateAsync(int link, object arguments, params string[] read) =>
        (await _session.RunAsync("Get-LinkEstimate", new { Link = link, Arguments = arguments }, read)).Single("Get-VmMigrationEstimate");

    /// <summary>Limits both hosts' links.</summary>
    /// <param name="link">The rate, in Mbit/s.</param>
    /// <returns>Lifts the limits.</returns>
    public Task<IAsyncDisposable> LimitAsync(int link) => _lab.LimitBothAsync($"{link}mbit");

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _session.DisposeAsync();

    private async Task WarmUpAsync(BenchmarkContext context, IEnumerable<int> links)
    {
        await using var guest = await _lab.StartGuestAsync("bench-warm-up", WarmUp);
        var (here, there) = (_lab.Host1, _lab.Host2);
        foreach (var link in links)
        {
            await _session.RunAsync("Open-Link", new { Link = link, VmHost = (string[])[here.Tcp, there.Tcp] });
            await using var limits = await LimitAsync(link);
            await RunAsync(link, "Start-VmMigration", new { Vm = guest.Name, VmHost = here.Tcp, Destination = there.Tcp, SkipCheck = "All", Confirm = false });
            (here, there) = (there, here);
            var bandwidth = await RunAsync(link, "Get-VmMigrationBandwidth", new { }, string.Empty);
            context.Note($"warm-up over {link} Mbit/s: {bandwidth.Single("Get-VmMigrationBandwidth").Text(string.Empty)}");
        }
    }
}
