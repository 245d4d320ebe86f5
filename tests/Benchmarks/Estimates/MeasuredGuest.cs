using System.Globalization;
using VirtMigrate.LabSupport;

namespace VirtMigrate.Benchmarks.Estimates;

/// <summary>A guest whose dirty rate was measured once, and which then goes back and forth between the hosts.</summary>
internal sealed class MeasuredGuest : IAsyncDisposable
{
    // What it takes to call a migration one that does not end: so many times the time of one pass, or of what was forecast, and some more.
    private const double MostPasses = 3;
    private const double MostForecasts = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // After its boot a guest writes as it always will.
    private const int SettlingTicks = 20;

    private readonly LinkSessions _sessions;
    private readonly LabGuest _guest;
    private readonly long _rate;
    private LabHost _here;
    private LabHost _there;

    private MeasuredGuest(LinkSessions sessions, LabGuest guest, long rate, double written, LabHost here, LabHost there) =>
        (_sessions, _guest, _rate, Written, _here, _there) = (sessions, guest, rate, written, here, there);

    /// <summary>What the guest itself said that it wrote meanwhile, in bytes per second.</summary>
    public double Written { get; }

    /// <summary>Boots a guest and measures it.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="sessions">The sessions.</param>
    /// <param name="first">The guest's first migration.</param>
    /// <returns>The guest, measured.</returns>
    public static async Task<MeasuredGuest> StartAsync(Lab lab, LinkSessions sessions, GridCell first)
    {
        var (guest, link) = (first.Guest, first.Link);
        var running = await lab.StartGuestAsync(
            "bench-estimate", "--memory", Text(EstimateGrid.Memory), "--dirty", Text(guest.Rate), "--working-set", Text(guest.WorkingSet), "--pattern", guest.Pattern);
        try
        {
            await running.WaitForTicksAsync(SettlingTicks);
            var begin = running.LastTick();
            var rate = await sessions.MeasureAsync(link, running.Name, lab.Host1.Tcp);
            return new(sessions, running, rate, running.LastTick().RateSince(begin), lab.Host1, lab.Host2);
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Estimates a migration to the other host, and migrates there.</summary>
    /// <param name="cell">Which migration.</param>
    /// <returns>Both.</returns>
    public async Task<CellResult> MoveAsync(GridCell cell)
    {
        const string DirtyRate = "DirtyRate";
        var ends = new { Vm = _guest.Name, VmHost = _here.Tcp, Destination = _there.Tcp };
        var estimate = await _sessions.EstimateAsync(cell.Link, ends, [DirtyRate, .. Terms.Properties, .. Forecast.Properties]);
        if (estimate.Text(DirtyRate).Length == 0)
        {
            throw new BenchmarkException("Get-VmMigrationEstimate did not go by the dirty rate that was measured.");
        }

        var (terms, forecast) = (Terms.Read(estimate), Forecast.Read(estimate));
        var actual = await MigrateAsync(cell.Link, Limit(terms, forecast));
        if (actual.Ended)
        {
            (_here, _there) = (_there, _here);
        }

        return new(cell, Written, terms, forecast, ScalarRate.Foresee(terms, _rate), actual);
    }

    /// <summary>Makes sure that the guest lost nothing on its way.</summary>
    /// <returns>A task that ends when the guest was looked at.</returns>
    public Task AssertWholeAsync() => _guest.AssertWholeOnAsync(_here);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _guest.DisposeAsync();

    private static TimeSpan Limit(Terms terms, Forecast forecast)
    {
        var passes = (terms.OnePass * MostPasses) + Patience;
        var forecasts = (forecast.LongestDuration ?? TimeSpan.Zero) * MostForecasts;
        return TimeSpan.FromSeconds(Math.Ceiling((passes > forecasts ? passes : forecasts).TotalSeconds));
    }

    // That a migration runs into its limit is an error, and here as good an end as any.
    private async Task<ActualMigration> MigrateAsync(int link, TimeSpan limit)
    {
        const string Cmdlet = "Start-VmMigration";
        var begin = _guest.LastTick();
        var answer = await _sessions.RunAsync(link, Cmdlet, new
        {
            Vm = _guest.Name,
            VmHost = _here.Tcp,
            Destination = _there.Tcp,
            Timeout = (int)limit.TotalSeconds,
            OnTimeout = "Abort",
            SkipCheck = "All",
            Confirm = false,
            ErrorAction = "SilentlyContinue",
        }, [.. ActualMigration.Properties]);
        return ActualMigration.Read(answer.Single(Cmdlet), limit, _guest.LastTick().RateSince(begin));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
