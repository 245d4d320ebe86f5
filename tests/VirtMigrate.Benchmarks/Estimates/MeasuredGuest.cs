using System.Globalization;
using System.Management.Automation;
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

    private readonly LabGuest _guest;
    private readonly PSObject _rate;
    private LabHost _here;
    private LabHost _there;

    private MeasuredGuest(LabGuest guest, PSObject rate, double written, LabHost here, LabHost there) =>
        (_guest, _rate, Written, _here, _there) = (guest, rate, written, here, there);

    /// <summary>What the guest itself said that it wrote meanwhile, in bytes per second.</summary>
    public double Written { get; }

    /// <summary>Boots a guest and measures it.</summary>
    /// <param name="lab">The hosts.</param>
    /// <param name="session">A session.</param>
    /// <param name="guest">Which guest.</param>
    /// <returns>The guest, measured.</returns>
    public static async Task<MeasuredGuest> StartAsync(Lab lab, ModuleSession session, GridGuest guest)
    {
        var running = await lab.StartGuestAsync(
            "bench-estimate", "--memory", Text(EstimateGrid.Memory), "--dirty", Text(guest.Rate), "--working-set", Text(guest.WorkingSet), "--pattern", guest.Pattern);
        try
        {
            await running.WaitForTicksAsync(SettlingTicks);
            var begin = running.LastTick();
            var (output, _) = session.Run($"Measure-VmDirtyRate -Vm '{running.Name}' -VmHost '{lab.Host1.Tcp}' -Curve");
            return output is [var rate]
                ? new(running, rate, running.LastTick().RateSince(begin), lab.Host1, lab.Host2)
                : throw new BenchmarkException($"Measure-VmDirtyRate gave {output.Count} rates instead of one.");
        }
        catch
        {
            await running.DisposeAsync();
            throw;
        }
    }

    /// <summary>Estimates a migration to the other host, and migrates there.</summary>
    /// <param name="session">The session that knows the link.</param>
    /// <param name="cell">Which migration.</param>
    /// <returns>Both.</returns>
    public CellResult Move(ModuleSession session, GridCell cell)
    {
        session.Set("rate", _rate);
        var (estimates, _) = session.Run($"Get-VmMigrationEstimate '{_guest.Name}' -VmHost '{_here.Tcp}' -Destination '{_there.Tcp}' -DirtyRate $rate");
        if (estimates is not [var estimate] || estimate.Get("DirtyRate") is null)
        {
            throw new BenchmarkException("Get-VmMigrationEstimate did not give one estimate from the dirty rate that was measured.");
        }

        var (terms, forecast) = (Terms.Read(estimate), Forecast.Read(estimate));
        var actual = Migrate(session, Limit(terms, forecast));
        if (actual.Ended)
        {
            (_here, _there) = (_there, _here);
        }

        return new(cell, Written, terms, forecast, ScalarRate.Foresee(terms, _rate.Number("BytesPerSecond")), actual);
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
    private ActualMigration Migrate(ModuleSession session, TimeSpan limit)
    {
        var begin = _guest.LastTick();
        var (output, _) = session.Run(
            $"Start-VmMigration -Vm '{_guest.Name}' -VmHost '{_here.Tcp}' -Destination '{_there.Tcp}' " +
            $"-Timeout {Text((int)limit.TotalSeconds)} -OnTimeout Abort -SkipCheck All -Confirm:$false -ErrorAction SilentlyContinue");
        return output is [var result]
            ? ActualMigration.Read(result, limit, _guest.LastTick().RateSince(begin))
            : throw new BenchmarkException("Start-VmMigration gave no result.");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
