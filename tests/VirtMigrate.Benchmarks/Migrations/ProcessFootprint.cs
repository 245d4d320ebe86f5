using System.Diagnostics;
using System.Runtime.InteropServices;

namespace VirtMigrate.Benchmarks.Migrations;

/// <summary>What this process holds when it rests.</summary>
/// <param name="Resident">Its resident memory in bytes.</param>
/// <param name="Used">Its resident memory without what the C library keeps of freed memory for later use.</param>
/// <param name="Managed">The managed objects that are in use, in bytes.</param>
/// <param name="Descriptors">Its open file descriptors.</param>
/// <param name="Threads">Its threads.</param>
internal sealed partial record ProcessFootprint(long Resident, long Used, long Managed, int Descriptors, int Threads)
{
    // Idle threads of the pool leave after 20 s.
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Collects all garbage, waits until the pool's threads have left, and looks.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The least of each that was seen.</returns>
    public static async Task<ProcessFootprint> TakeAsync(CancellationToken cancellationToken)
    {
        var least = Look();
        for (var begun = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begun) < Settling;)
        {
            await Task.Delay(BetweenLooks, cancellationToken);
            var now = Look();
            least = new(Math.Min(least.Resident, now.Resident), 0, Math.Min(least.Managed, now.Managed),
                Math.Min(least.Descriptors, now.Descriptors), Math.Min(least.Threads, now.Threads));
        }

        Trim();
        return least with { Used = Look().Resident };
    }

    private static ProcessFootprint Look()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = Process.GetCurrentProcess();
        return new(self.WorkingSet64, 0, GC.GetTotalMemory(forceFullCollection: false),
            Directory.GetFileSystemEntries("/proc/self/fd").Length, self.Threads.Count);
    }

    // Glibc keeps an arena for each of many threads, and gives back next to nothing of them by itself.
    private static void Trim()
    {
        try
        {
            _ = MallocTrim(0);
        }
        catch (EntryPointNotFoundException)
        {
            // Another C library; it has no such arenas either.
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint keep);
}
