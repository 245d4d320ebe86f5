using System.Diagnostics;
using System.Globalization;

namespace VirtMigrate.LabSupport;

/// <summary>A real guest that counts, verifies its memory and says so on its console.</summary>
/// <param name="lab">The lab.</param>
/// <param name="name">The guest's name.</param>
public sealed class LabGuest(Lab lab, string name) : IAsyncDisposable
{
    /// <summary>The guest's name.</summary>
    public string Name => name;

    /// <summary>Makes sure that the guest ticks, on exactly one host, and lost and corrupted nothing since it booted.</summary>
    /// <param name="host">The host that it must be on.</param>
    /// <returns>A task that ends when the guest was looked at.</returns>
    public async Task AssertWholeOnAsync(LabHost host)
    {
        var (isWhole, text) = await lab.CheckAsync(name);
        if (!isWhole || !text.Contains($" on {host.Name}:", StringComparison.Ordinal))
        {
            throw new LabException($"lab check {name}: {text}");
        }
    }

    /// <summary>
    /// The guest's longest silence by this machine's clock: its downtime and up to a tick, a tenth of a second, more.
    /// The guest's own clock stands still with it.
    /// </summary>
    /// <param name="from">The first moment that counts, of <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="to">The last moment that counts.</param>
    /// <returns>The longest time in which its console did not grow.</returns>
    public TimeSpan LongestSilence(long from, long to)
    {
        // A line: the milliseconds of the clock that Stopwatch reads on Linux, and the console's length.
        var milliseconds = Stopwatch.Frequency / 1000;
        var stamps = File.ReadLines(Path.Combine(lab.Stamps, name + ".log"))
            .Select(l => long.Parse(l.AsSpan(0, l.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture))
            .SkipWhile(t => t < from / milliseconds)
            .TakeWhile(t => t <= to / milliseconds)
            .ToArray();
        return stamps.Length < 2
            ? throw new LabException($"'{name}' printed next to nothing between two moments.")
            : TimeSpan.FromMilliseconds(stamps.Zip(stamps.Skip(1), (earlier, later) => later - earlier).Max());
    }

    /// <summary>Waits until the guest has ticked some more times, wherever it runs.</summary>
    /// <param name="ticks">How many times; it ticks ten times a second.</param>
    /// <returns>A task that ends when it has.</returns>
    public async Task WaitForTicksAsync(int ticks)
    {
        var goal = CountTicks() + ticks;
        for (var i = 0; i < 300; i++)
        {
            if (CountTicks() >= goal)
            {
                return;
            }

            await Task.Delay(100);
        }

        throw new LabException($"'{name}' did not tick {ticks} times within half a minute.");
    }

    /// <summary>What the guest said last.</summary>
    /// <returns>Its last tick.</returns>
    public GuestTick LastTick() =>
        ReadConsole().Select(GuestTick.Parse).LastOrDefault(t => t is not null) ?? throw new LabException($"'{name}' has not ticked.");

    /// <summary>Sends a signal to the guest's QEMU on one host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="signal">The signal as kill names it, such as <c>STOP</c>.</param>
    /// <returns>A task that ends when it was sent.</returns>
    public Task SignalAsync(LabHost host, string signal) => lab.RunAsync("exec", host.Name, "pkill", "-" + signal, "-f", $"guest={name},");

    /// <summary>Waits until the guest is on its way out of a host, by virsh's account.</summary>
    /// <param name="host">The host.</param>
    /// <returns>A task that ends when memory moves.</returns>
    public async Task WaitUntilMovingAsync(LabHost host)
    {
        using var virsh = new VirshConsole(host);
        for (var i = 0; i < 300; i++)
        {
            var job = await virsh.AskAsync("domjobinfo", name, "--rawstats");
            if (job.Contains("memory_processed:", StringComparison.Ordinal) && !job.Contains("memory_processed: 0", StringComparison.Ordinal))
            {
                return;
            }

            await Task.Delay(100);
        }

        throw new LabException($"'{name}' did not begin to leave {host.Name}.");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await lab.RunAsync("destroy", name);

    private int CountTicks() => ReadConsole().Count(l => l.StartsWith("tick ", StringComparison.Ordinal));

    // The guest goes on writing meanwhile.
    private IEnumerable<string> ReadConsole()
    {
        var log = Path.Combine(lab.Shared, "consoles", name + ".log");
        if (!File.Exists(log))
        {
            yield break;
        }

        using var console = new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(console);
        while (reader.ReadLine() is { } line)
        {
            yield return line;
        }
    }
}
