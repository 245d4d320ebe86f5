using VirtMigrate.Options;

namespace VirtMigrate.Simulation;

/// <summary>
/// Faults that do harm only together, one soon after the other, which those that are drawn one by one hardly ever are. They take the place of what
/// was drawn for one seed of 64, from a stream of their own: all other seeds keep their meaning.
/// </summary>
internal static class Coincidences
{
    private const ulong Stream = 0xD1B54A32D192ED03;

    /// <summary>Puts one in the place of what was drawn, where the seed says so.</summary>
    /// <param name="drawn">What was drawn.</param>
    /// <returns>The run.</returns>
    public static Scenario Bring(Scenario drawn)
    {
        if (drawn.Seed % 64 != 3)
        {
            return drawn;
        }

        var random = new SimulatedRandom(drawn.Seed ^ Stream);
        return (drawn.Seed / 64 % 3) switch
        {
            0 => DestinationIsUnreachable(drawn, random),
            1 => CallIsLostAtTheEnd(drawn, random),
            _ => OtherMigratesBeforeLostCall(drawn, random),
        };
    }

    // What looks at the destination loses its connection in the midst of a long migration, and can't open it again for some seconds.
    private static Scenario DestinationIsUnreachable(Scenario drawn, SimulatedRandom random)
    {
        var at = random.Between(5000, 20_000);
        var lasts = random.Between(500, 15_000);
        return Moving(drawn, TimeSpan.FromSeconds(40)) with
        {
            Way = random.Of(SimulatedWay.InProcess, SimulatedWay.Virsh),
            Options = drawn.Options.With(MigrationOptions.PeerToPeer, false),
            Faults =
            [
                new(FaultKind.OpeningFails, FaultPoint.Perform, at, lasts, AtDestination: true, 0),
                new(FaultKind.ConnectionDrops, FaultPoint.Perform, at, lasts, AtDestination: true, 1),
            ],
        };
    }

    // The source is lost between its last page and the word to the destination that it may go on: the guest is left paused, and nobody carries
    // it on.
    private static Scenario CallIsLostAtTheEnd(Scenario drawn, SimulatedRandom random)
    {
        var way = random.Of(SimulatedWay.InProcess, SimulatedWay.Virsh);
        var kind = way == SimulatedWay.Virsh && random.Chance(0.5) ? FaultKind.ClientKilled : FaultKind.MigrationConnectionDrops;
        var point = random.Of(FaultPoint.Switchover, FaultPoint.Performed);
        return Moving(drawn, TimeSpan.FromSeconds(random.Next(5))) with
        {
            Way = way,
            Options = drawn.Options.With(MigrationOptions.PeerToPeer, false),
            Faults = [new(kind, point, point == FaultPoint.Switchover ? random.Between(0, 20) : TimeSpan.Zero, TimeSpan.Zero, AtDestination: false, 0)],
        };
    }

    // The virsh on the source takes its time to reach the destination. Meanwhile its own client goes, and another client, before or after that,
    // migrates the VM and aborts that.
    private static Scenario OtherMigratesBeforeLostCall(Scenario drawn, SimulatedRandom random)
    {
        var lost = random.Between(500, 1500);
        var other = random.Between(200, 3000);
        var aborted = (other > lost ? other : lost) + random.Between(1000, 2000);
        var begins = aborted + random.Between(0, 6000);
        return Moving(drawn, TimeSpan.FromSeconds(6)) with
        {
            Way = SimulatedWay.VirshOverSsh,
            Options = drawn.Options.With(MigrationOptions.PeerToPeer, false),
            Faults =
            [
                new(FaultKind.CallBeginsLate, FaultPoint.Start, TimeSpan.Zero, begins, AtDestination: false, 0),
                new(FaultKind.MigrationConnectionDrops, FaultPoint.Start, lost, TimeSpan.Zero, AtDestination: false, 0),
                new(FaultKind.OtherMigratesBefore, FaultPoint.Start, other, TimeSpan.Zero, AtDestination: false, 0),
                new(FaultKind.OtherAborts, FaultPoint.Start, aborted, TimeSpan.Zero, AtDestination: false, 0),
            ],
        };
    }

    // A guest that runs, whose memory takes so long to cross, and that nobody stops.
    private static Scenario Moving(Scenario drawn, TimeSpan atLeast)
    {
        var memory = Math.Max(drawn.Guest.Memory, (long)(drawn.Guest.LinkRate * atLeast.TotalSeconds));
        return drawn with
        {
            IsLive = true,
            IsPausedBefore = false,
            Guest = drawn.Guest with { Memory = memory, DirtyRate = Math.Min(drawn.Guest.DirtyRate, drawn.Guest.LinkRate / 4) },
            Options = drawn.Options.With(MigrationOptions.Live, true).With(MigrationOptions.Offline, false),
            Limits = MigrationLimits.None,
            Policy = null,
            StopAt = null,
        };
    }
}
