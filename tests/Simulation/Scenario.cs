using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;

namespace VirtMigrate.Simulation;

/// <summary>All of one run, drawn from one seed.</summary>
internal sealed record Scenario
{
    private const long MiB = 1 << 20;

    // What belongs to coincidences alone is drawn for nothing else.
    private static readonly FaultKind[] Kinds = [.. Enum.GetValues<FaultKind>().Where(k => k != FaultKind.CallBeginsLate)];

    public required ulong Seed { get; init; }

    /// <summary>What the engine has to do with the migration.</summary>
    public MigrationRole Role { get; init; }

    /// <summary>What the engine is to ask of a migration that it follows.</summary>
    public MigrationRequested Steering { get; init; }

    /// <summary>When the engine comes, to a migration that another client has begun or to a VM that another has just begun to move.</summary>
    public TimeSpan ComesAt { get; init; }

    /// <summary>When the other client switches to post-copy; null for never.</summary>
    public TimeSpan? OtherSwitchesAt { get; init; }

    /// <summary>Which of the two hosts who follows is connected to.</summary>
    public ConnectedHosts Connected { get; init; }

    /// <summary>In what state the post-copy is that is to be resumed.</summary>
    public PostCopyBreak Break { get; init; }

    /// <summary>How long nothing may move in a post-copy that is resumed.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    public SimulatedWay Way { get; init; }

    public bool IsLive { get; init; } = true;

    public bool IsPausedBefore { get; init; }

    public bool IsPersistent { get; init; } = true;

    public bool HasAutostart { get; init; }

    /// <summary>Why the VM runs before it moves; it may have come by a migration.</summary>
    public int FirstReason { get; init; } = Reasons.RunningBooted;

    /// <summary>Whether the destination keeps an old definition of the VM.</summary>
    public bool HasOldDefinition { get; init; }

    /// <summary>Whether the old definition is the very one that the source has: nothing was changed since an earlier move.</summary>
    public bool IsOldDefinitionTheSame => HasOldDefinition && Seed % 3 == 0;

    public bool KeepsFailedAccounts { get; init; }

    /// <summary>Whether the destination calls a guest that arrived unpaused, not migrated, as some versions of libvirt do.</summary>
    public bool ArrivesUnpaused { get; init; }

    public LibvirtOddity Oddity { get; init; }

    public GuestMemory Guest { get; init; } = new(256 * MiB, 64 * MiB, 20 * MiB, 100 * MiB);

    public MigrationOptionSet Options { get; init; } = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true);

    public MigrationLimits Limits { get; init; } = MigrationLimits.None;

    public MigrationPolicy? Policy { get; init; }

    /// <summary>When the user stops it; null for never.</summary>
    public TimeSpan? StopAt { get; init; }

    /// <summary>How long the hosts take to let somebody listen to their events; null for no time at all.</summary>
    public TimeSpan? SubscriptionTime { get; init; }

    /// <summary>How long nothing passes between the two halves of a post-copy, of which nobody is told; null where all goes on.</summary>
    public TimeSpan? PostCopyStall { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];

    public bool HasFault(FaultKind kind)
    {
        foreach (var fault in Faults)
        {
            if (fault.Kind == kind)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Draws a run: of sixteen, two resume a broken post-copy and two follow another client's migration.</summary>
    public static Scenario Draw(ulong seed) => (seed % 16) switch
    {
        7 or 13 => DrawResumption(seed),
        6 or 10 => DrawForeign(seed),
        _ => Coincidences.Bring(DrawOwn(seed)),
    };

    /// <summary>Draws a run in which the engine makes the migration.</summary>
    public static Scenario DrawOwn(ulong seed)
    {
        var random = new SimulatedRandom(seed);
        var isLive = random.Chance(0.87);
        var isPaused = isLive && random.Chance(0.13);
        var isPersistent = !isLive || random.Chance(0.85);
        var faults = DrawFaults(random);
        var breaksPostCopy = Array.Exists(faults, f => f.Kind == FaultKind.PostCopyBreaks || f.Point == FaultPoint.PostCopy);
        var isPostCopy = isLive && !isPaused && random.Chance(breaksPostCopy ? 0.9 : 0.25);
        var converges = random.Chance(0.75);
        var link = (50 + random.Next(150)) * MiB;
        var memory = (64 + random.Next(448)) * MiB;
        var guest = converges
            ? new GuestMemory(memory, memory / 4, (long)(link * (0.05 + (random.NextDouble() * 0.5))), link)
            : new GuestMemory(memory, memory / 2, (long)(link * (1.1 + random.NextDouble())), link);
        var stop = random.Chance(0.3) || (!converges && random.Chance(0.5)) ? TimeSpan.FromSeconds(Math.Pow(10, (random.NextDouble() * 3.3) - 2)) : (TimeSpan?)null;
        return new()
        {
            Seed = seed,
            Way = random.Of(SimulatedWay.InProcess, SimulatedWay.InProcess, SimulatedWay.Virsh, SimulatedWay.VirshOverSsh),
            IsLive = isLive,
            IsPausedBefore = isPaused,
            IsPersistent = isPersistent,
            HasAutostart = random.Chance(0.2),
            FirstReason = random.Of(Reasons.RunningBooted, Reasons.RunningMigrated, Reasons.RunningUnpaused, Reasons.Unknown),
            HasOldDefinition = random.Chance(0.15),
            KeepsFailedAccounts = random.Chance(0.5),
            ArrivesUnpaused = random.Chance(0.1),
            Guest = guest,
            Options = DrawOptions(random, isLive, isPersistent, isPostCopy),
            Limits = DrawLimits(random, isLive, isPostCopy, mustEnd: !converges && stop is null),
            Policy = !isLive || !random.Chance(0.25) ? null
                : isPostCopy ? MigrationPolicies.PostCopy
                : random.Of(MigrationPolicies.MinimalDowntime, MigrationPolicies.SuspendIfNeeded, MigrationPolicies.StallDetect),
            StopAt = stop,
            Faults = faults,
            Oddity = !random.Chance(0.2) ? LibvirtOddity.None
                : random.Of(LibvirtOddity.PostCopyEndIsMissed, LibvirtOddity.QemusEndTogether, LibvirtOddity.SuccessIsUntold),
            ComesAt = DrawComing(seed, faults),
            SubscriptionTime = DrawSubscriptionTime(seed),
            PostCopyStall = isPostCopy ? DrawPostCopyStall(seed) : null,
        };
    }

    // What follows has streams of its own: what an earlier seed means stays as it was.

    // Another client's migration is most like the engine's own where it begins little before the call.
    private static TimeSpan DrawComing(ulong seed, Fault[] faults)
    {
        var random = new SimulatedRandom(seed ^ 0x2AC2B97526);
        return Array.Exists(faults, static f => f.Kind == FaultKind.OtherMigratesBefore) && random.Chance(0.6) ? random.Between(50, 1100) : TimeSpan.Zero;
    }

    // To register for events is a call as others are: a host may take longer for it than anybody waits.
    private static TimeSpan? DrawSubscriptionTime(ulong seed)
    {
        var random = new SimulatedRandom(seed ^ 0x1F123BB5);
        return random.Chance(0.08) ? TimeSpan.FromMilliseconds(Math.Pow(10, 1.3 + (random.NextDouble() * 3.5))) : null;
    }

    // A moment of a busy link, as long as it takes a host's kernel to give up a connection, or a QEMU that is stopped for good.
    private static TimeSpan? DrawPostCopyStall(ulong seed)
    {
        var random = new SimulatedRandom(seed ^ 0x2545F491);
        return !random.Chance(0.1) ? null : random.Next(3) switch
        {
            0 => random.Between(500, 50_000),
            1 => random.Between(60_000, 1_200_000),
            _ => SimulatedTime.Forever,
        };
    }

    // Most have both hosts connected; what is asked of a migration is asked of its source.
    private static ConnectedHosts DrawConnected(ulong seed, MigrationRequested steering)
    {
        var random = new SimulatedRandom(seed ^ 0x6C8E9CF5);
        return random.NextDouble() switch
        {
            < 0.7 => ConnectedHosts.Both,
            < 0.9 => ConnectedHosts.Source,
            _ => steering == MigrationRequested.None ? ConnectedHosts.Destination : ConnectedHosts.Both,
        };
    }

    private static Scenario DrawResumption(ulong seed)
    {
        var random = new SimulatedRandom(seed ^ 0x9E3779B97F4A7C15);
        var drawn = DrawOwn(seed);
        return drawn with
        {
            Role = MigrationRole.Resume,
            ComesAt = TimeSpan.Zero,
            IsLive = true,
            IsPausedBefore = false,
            Guest = drawn.Guest with { Memory = Math.Max(drawn.Guest.Memory, 256 * MiB) },
            Options = DrawOptions(random, isLive: true, drawn.IsPersistent, isPostCopy: true),
            Limits = MigrationLimits.None,
            Policy = null,
            StopAt = random.Chance(0.15) ? random.Between(10, 10000) : null,
            StallTimeout = TimeSpan.FromSeconds(2 + random.Next(60)),
            Break = random.Of(PostCopyBreak.Broken, PostCopyBreak.Broken, PostCopyBreak.Broken, PostCopyBreak.Unattended, PostCopyBreak.Hanging),
            Faults = [.. drawn.Faults.Select(f => f.Point is FaultPoint.PostCopy or FaultPoint.Ended ? f : f with { Point = FaultPoint.Start })],
        };
    }

    private static Scenario DrawForeign(ulong seed)
    {
        var random = new SimulatedRandom(seed ^ 0x9E3779B97F4A7C15);
        var drawn = DrawOwn(seed);
        var isPostCopy = !drawn.IsPausedBefore && random.Chance(0.5);
        var steering = random.Of(MigrationRequested.None, MigrationRequested.None, MigrationRequested.Abort, MigrationRequested.AbortPostCopy, MigrationRequested.StartPostCopy);
        var isEndless = drawn.Guest.DirtyRate > drawn.Guest.LinkRate;
        TimeSpan? switches = isPostCopy && random.Chance(0.6) ? random.Between(300, 4000) : null;
        return drawn with
        {
            Role = MigrationRole.Follow,
            Steering = steering,
            Connected = DrawConnected(seed, steering),
            IsLive = true,
            Options = DrawOptions(random, isLive: true, drawn.IsPersistent, isPostCopy),
            Limits = MigrationLimits.None,
            Policy = null,
            ComesAt = random.Between(0, 3000),
            OtherSwitchesAt = switches,
            StopAt = random.Chance(0.1) || (isEndless && switches is null && steering == MigrationRequested.None) ? random.Between(100, 20000) : null,
        };
    }

    public override string ToString()
    {
        var text = new System.Text.StringBuilder();
        var vm = IsLive ? IsPausedBefore ? "paused" : "running" : "shut off";
        text.Append($"seed {Seed}: {Role}{(Steering == MigrationRequested.None ? string.Empty : $" and {Steering}")}, {Way}, {vm}, {(IsPersistent ? "persistent" : "transient")}{(IsOldDefinitionTheSame ? ", the same definition at the destination" : HasOldDefinition ? ", old definition at the destination" : string.Empty)}");
        text.Append($"; {Options.Flags}; memory {Guest.Memory / MiB} MiB, dirty {Guest.DirtyRate / MiB} MiB/s, link {Guest.LinkRate / MiB} MiB/s");
        if (Limits.Timeout is { } timeout)
        {
            text.Append($"; timeout {timeout.TotalSeconds:0.0} s ({Limits.OnTimeout})");
        }

        if (Limits.MaxDowntime is { } downtime)
        {
            text.Append($"; max downtime {downtime.TotalMilliseconds:0} ms");
        }

        if (Policy is { } policy)
        {
            text.Append($"; policy {policy.Name}");
        }

        if (StopAt is { } stop)
        {
            text.Append($"; stop at {stop.TotalSeconds:0.000} s");
        }

        if (ComesAt > TimeSpan.Zero)
        {
            text.Append($"; the engine comes at {ComesAt.TotalSeconds:0.000} s");
        }

        if (Connected != ConnectedHosts.Both)
        {
            text.Append($"; knows the {Connected.ToString().ToLowerInvariant()} alone");
        }

        if (SubscriptionTime is { } subscription)
        {
            text.Append($"; listened to after {subscription.TotalSeconds:0.000} s");
        }

        if (PostCopyStall is { } stall)
        {
            text.Append(stall >= SimulatedTime.Forever ? "; post-copy stalls for ever" : $"; post-copy stalls for {stall.TotalSeconds:0.0} s");
        }

        if (Oddity != LibvirtOddity.None)
        {
            text.Append($"; {Oddity}");
        }

        foreach (var fault in Faults)
        {
            text.Append($"; {fault}");
        }

        return text.ToString();
    }

    private static MigrationOptionSet DrawOptions(SimulatedRandom random, bool isLive, bool isPersistent, bool isPostCopy)
    {
        var options = isLive ? MigrationOptionSet.Empty.With(MigrationOptions.Live, true) : MigrationOptionSet.Empty.With(MigrationOptions.Offline, true);
        if (!isLive || (isPersistent && random.Chance(0.9)))
        {
            options = options.With(MigrationOptions.Persistent, true);
        }

        if (random.Chance(0.35))
        {
            options = options.With(MigrationOptions.PeerToPeer, true);
        }

        if (random.Chance(0.5))
        {
            options = options.With(MigrationOptions.ChangeProtection, true);
        }

        if (isPersistent && random.Chance(0.4))
        {
            options = options.With(MigrationOptions.UndefineSource, true);
        }

        if (isPostCopy)
        {
            options = options.With(MigrationOptions.PostCopy, true);
        }
        else if (isLive && random.Chance(0.1))
        {
            options = options.With(MigrationOptions.Suspend, true);
        }

        return options;
    }

    private static MigrationLimits DrawLimits(SimulatedRandom random, bool isLive, bool isPostCopy, bool mustEnd) => !isLive ? MigrationLimits.None : new()
    {
        MaxDowntime = random.Chance(0.25) ? random.Between(50, 2000) : null,
        Timeout = isPostCopy && random.Chance(0.7) ? random.Between(300, 3000) : mustEnd || random.Chance(0.25) ? random.Between(200, 30000) : null,
        OnTimeout = isPostCopy && random.Chance(0.8) ? TimeoutAction.PostCopy : random.Of(TimeoutAction.Abort, TimeoutAction.Suspend),
    };

    private static Fault[] DrawFaults(SimulatedRandom random)
    {
        var count = random.NextDouble() switch { < 0.3 => 0, < 0.65 => 1, < 0.85 => 2, _ => 3 };
        var faults = new Fault[count];
        for (var i = 0; i < count; i++)
        {
            faults[i] = DrawFault(random, Kinds[random.Next(Kinds.Length)]);
        }

        return faults;
    }

    /// <summary>A fault of one kind, with a moment and a length drawn for it.</summary>
    public static Fault DrawFault(SimulatedRandom random, FaultKind kind)
    {
        var point = kind switch
        {
            FaultKind.OtherMigratesBefore => FaultPoint.Start,
            FaultKind.OtherMigratesAfter => FaultPoint.Ended,
            FaultKind.PostCopyBreaks => FaultPoint.PostCopy,
            FaultKind.PerformFails or FaultKind.StreamBreaks => FaultPoint.Perform,
            _ => (FaultPoint)random.Next((int)FaultPoint.Ended + 1),
        };
        var delay = random.Chance(0.3) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(Math.Pow(10, random.NextDouble() * 3.7));
        var duration = random.Chance(0.15) ? SimulatedTime.Forever : TimeSpan.FromMilliseconds(Math.Pow(10, 2 + (random.NextDouble() * 3.2)));
        return new(kind, point, delay, duration, random.Chance(0.5), random.Next(1 << 20));
    }
}
