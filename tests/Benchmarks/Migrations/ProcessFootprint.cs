namespace VirtMigrate.Benchmarks.Migrations;

/// <summary>What a session's process holds when it rests.</summary>
/// <param name="Resident">Its resident memory in bytes.</param>
/// <param name="Used">Its resident memory without what the C library keeps of freed memory for later use.</param>
/// <param name="Managed">The managed objects that are in use, in bytes.</param>
/// <param name="Descriptors">Its open file descriptors.</param>
/// <param name="Threads">Its threads.</param>
internal sealed record ProcessFootprint(long Resident, long Used, long Managed, long Descriptors, long Threads)
{
    /// <summary>Waits until the process rests and takes the least of several looks, then one more without the freed memory.</summary>
    /// <param name="session">The session.</param>
    /// <returns>The footprint.</returns>
    public static async Task<ProcessFootprint> TakeAsync(ModuleSession session)
    {
        const string Command = "Get-Footprint";
        var answer = await session.RunAsync(Command, new { }, nameof(Resident), nameof(Used), nameof(Managed), nameof(Descriptors), nameof(Threads));
        var footprint = answer.Single(Command);
        long Number(string property) => footprint.Number(property) ?? throw new BenchmarkException($"{Command} does not tell {property}.");
        return new(Number(nameof(Resident)), Number(nameof(Used)), Number(nameof(Managed)), Number(nameof(Descriptors)), Number(nameof(Threads)));
    }
}
