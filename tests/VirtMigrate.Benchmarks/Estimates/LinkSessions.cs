using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>
/// A session for each rate of the links, so that what one rate achieved is not taken for what another one will. Each has seen one migration
/// when it is handed out, as one does who has migrated between two hosts before.
/// </summary>
/// <param name="context">What the benchmarks share.</param>
/// <param name="lab">The hosts.</param>
internal sealed class LinkSessions(BenchmarkContext context, Lab lab) : IDisposable
{
    // The warm-up's memory takes some seconds over the fastest link.
    private static readonly string[] WarmUp = ["--memory", "256", "--working-set", "128", "--dirty", "1"];

    private readonly Dictionary<int, ModuleSession> _sessions = [];

    /// <summary>The session of a rate.</summary>
    /// <param name="link">The rate, in Mbit/s.</param>
    public ModuleSession this[int link] => _sessions[link];

    /// <summary>Opens a session for each rate and migrates in it once, all with one guest that hardly writes.</summary>
    /// <param name="links">The rates, in Mbit/s.</param>
    /// <returns>A task that ends when all know their link.</returns>
    public async Task OpenAsync(IEnumerable<int> links)
    {
        await using var guest = await lab.StartGuestAsync("bench-warm-up", WarmUp);
        var (here, there) = (lab.Host1, lab.Host2);
        foreach (var link in links)
        {
            var session = _sessions[link] = new(context.CancellationToken);
            session.Run($"$null = Connect-VmHost '{lab.Host1.Tcp}', '{lab.Host2.Tcp}'");
            await using var limits = await LimitAsync(link);
            session.Run($"$null = Start-VmMigration -Vm '{guest.Name}' -VmHost '{here.Tcp}' -Destination '{there.Tcp}' -SkipCheck All -Confirm:$false");
            (here, there) = (there, here);
            context.Note($"warm-up over {link} Mbit/s: {session.Run("Get-VmMigrationBandwidth").Output.Single()}");
        }
    }

    /// <summary>Limits both hosts' links.</summary>
    /// <param name="link">The rate, in Mbit/s.</param>
    /// <returns>Lifts the limits.</returns>
    public Task<IAsyncDisposable> LimitAsync(int link) => lab.LimitBothAsync($"{link}mbit");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var session in _sessions.Values)
        {
            session.Dispose();
        }
    }
}
