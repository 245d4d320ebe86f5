using System.Globalization;

namespace VirtMigrate.Simulation;

/// <summary>What the guest's memory and the link between the hosts are like. Bytes, and bytes per second.</summary>
internal sealed record GuestMemory(long Memory, long WorkingSet, long DirtyRate, long LinkRate);

/// <summary>The lines of what happened, kept only where they are asked for.</summary>
internal sealed class SimulationTrace(SimulatedTime time)
{
    private readonly List<string> _lines = [];
    private readonly string _subject = string.Empty;

    // The same lines, each told of one of several subjects.
    private SimulationTrace(SimulatedTime time, List<string> lines, string subject)
        : this(time) => (_lines, _subject) = (lines, $"{subject,-4} ");

    public IReadOnlyList<string> Lines => _lines;

    public SimulationTrace Of(string subject) => new(time, _lines, subject);

    public void Add(string where, string what, string text) =>
        _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Now.TotalSeconds,9:0.000} s  {_subject}{where,-6} {what,-16} {text}"));
}

/// <summary>Three hosts, one guest, and all that happens to them in one run.</summary>
internal sealed class SimulatedWorld
{
    public static readonly TimeSpan Keepalive = TimeSpan.FromSeconds(30);
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(130);
    private const int FirstVm = 1;
    private static readonly string[] Definitions = new string[1000];

    public SimulatedWorld(Scenario scenario, bool isTraced)
        : this(scenario, new(new SimulatedRandom(scenario.Seed * 31)), FirstVm) => Trace = isTraced ? new(Time) : null;

    /// <summary>Makes one of several worlds that share a clock: each VM of a batch has hosts of its own.</summary>
    public SimulatedWorld(Scenario scenario, SimulatedTime time, int vm)
    {
        Scenario = scenario;
        Random = new(scenario.Seed ^ 0x5DEECE66D);
        Time = time;
        Time.AfterStep += CheckStep;
        Uuid = new(0x6f1f8a52, 0x2a5e, 0x4f0f, 0x9a, 0x39, 0, 0, 0, 0, 0, (byte)vm);
        Name = vm == FirstVm ? "vm" : string.Create(CultureInfo.InvariantCulture, $"vm{vm}");
        Source = new(this, "kvm1");
        Destination = new(this, "kvm2");
        Elsewhere = new(this, "kvm3");
        Faults = new(this, scenario.Faults);
        Truth = new(this);
        Prepare();
    }

    public Scenario Scenario { get; }

    public SimulatedRandom Random { get; }

    public SimulatedTime Time { get; }

    public SimulationTrace? Trace { get; init; }

    public SimulatedHost Source { get; }

    public SimulatedHost Destination { get; }

    /// <summary>A host that another client may move the VM to.</summary>
    public SimulatedHost Elsewhere { get; }

    public Faults Faults { get; }

    public SimulatedTruth Truth { get; }

    public Guid Uuid { get; }

    public string Name { get; }

    public SimulatedWay Way => Scenario.Way;

    public GuestMemory Guest => Scenario.Guest;

    /// <summary>Whether this libvirt keeps the account of a migration that failed.</summary>
    public bool KeepsFailedAccounts => Scenario.KeepsFailedAccounts;

    public List<SimulatedMigration> Migrations { get; } = [];

    public List<MigrateCall> Calls { get; } = [];

    public SimulatedMigration? OurMigration { get; private set; }

    public TimeSpan BackupBegan { get; set; }

    /// <summary>How many listen to hosts, over connections that stand and such as are lost.</summary>
    public int Listeners { get; set; }

    /// <summary>Whether a call of the engine is out.</summary>
    public bool IsAwaited
    {
        get
        {
            foreach (var call in Calls)
            {
                if (call.IsOut)
                {
                    return true;
                }
            }

            return Source.IsAwaited || Destination.IsAwaited;
        }
    }

    /// <summary>A definition, by its number.</summary>
    public static string Definition(int number) => Definitions[number] ??= string.Create(CultureInfo.InvariantCulture,
        $"<domain type='kvm'><name>vm</name><uuid>6f1f8a52-2a5e-4f0f-9a39-000000000001</uuid><memory unit='KiB'>{number * 1024}</memory></domain>");

    /// <summary>The time that a message takes one way.</summary>
    public TimeSpan Latency() => Random.Between(0.2, 2);

    public void Add(SimulatedMigration migration)
    {
        Migrations.Add(migration);
        if (migration.IsOurs)
        {
            OurMigration = migration;
        }
    }

    public void NoteChange() => Truth.NoteChange();

    /// <summary>Whether the guest executes on another host than this.</summary>
    public bool IsGuestElsewhere(SimulatedHost host) =>
        (host != Source && Source.IsExecuting) || (host != Destination && Destination.IsExecuting) || (host != Elsewhere && Elsewhere.IsExecuting);

    /// <summary>Whether a call that takes a domain's job lock has to wait. A migration lets be controlled where it leaves, not where it arrives.</summary>
    public bool IsLocked(SimulatedHost host, SimulatedDomain domain) => domain.Job == DomainJob.MigrationIn || (domain.Job == DomainJob.Backup && host != Source);

    /// <summary>virDomainSuspend.</summary>
    public static void Suspend(SimulatedHost host, SimulatedDomain domain)
    {
        if (domain.State != VmState.Running)
        {
            return;
        }

        domain.Migration?.Copy?.Changed();
        domain.IsExecuting = false;
        var isMigrating = domain.Job == DomainJob.MigrationOut;
        host.SetState(VmState.Paused, isMigrating ? Reasons.PausedMigration : Reasons.PausedUser);
        host.Emit(isMigrating ? Lifecycle.SuspendedMigrated : Lifecycle.SuspendedPaused);
    }

    /// <summary>The guest's one QEMU, or the half of it that a host has, ends.</summary>
    public void EndGuestOn(SimulatedHost host, GuestFate fate, int reason, string cause)
    {
        NoteGuestEnds(host, fate, cause);
        host.StopQemu(reason);
    }

    /// <summary>A host's QEMU is about to be gone, and with it perhaps the guest.</summary>
    public void NoteGuestEnds(SimulatedHost host, GuestFate fate, string cause)
    {
        if (host.Domain is not { IsActive: true } domain)
        {
            return;
        }

        // A half that arrives is not the guest yet, except in post-copy, which has no way back; and that which has sent all of it may not be any more.
        var isArriving = domain is { IsExecuting: false, Job: DomainJob.MigrationIn, Migration.Step: not MigrationStep.PostCopy };
        var isSent = host == Source && !domain.IsExecuting && Destination.Domain is { IsActive: true } &&
            domain.Migration is { Step: MigrationStep.Performed or MigrationStep.Finish or MigrationStep.Confirm };
        Truth.NoteEnd(fate, isLast: !isArriving && !isSent && !IsGuestElsewhere(host));
        Trace?.Add(host.Name, "guest", $"{fate}: {cause}");
    }

    public void EachMigration(SimulatedHost host, Action<SimulatedMigration, SimulatedHost> action)
    {
        for (var i = 0; i < Migrations.Count; i++)
        {
            var migration = Migrations[i];
            if ((migration.Source == host || migration.Destination == host) && (migration.IsUnderWay || host.Domain?.Migration == migration))
            {
                action(migration, host);
            }
        }
    }

    /// <summary>Those that wait for migrations which need nobody here lose their connection.</summary>
    public void BreakCalls(SimulatedHost host, bool isPeerToPeer = false)
    {
        foreach (var call in Calls)
        {
            if (call is { IsOut: true, Migration: { OutlivesCall: true } migration } && migration.Source == host && (!isPeerToPeer || migration.IsPeerToPeer))
            {
                call.Break(SimulatedErrors.Lost(host, Way, "End of file while reading data: Input/output error"));
            }
        }
    }

    public void SilenceCalls(SimulatedHost host)
    {
        foreach (var call in Calls)
        {
            if (call is { IsOut: true, Migration: { OutlivesCall: true } migration } && migration.Source == host)
            {
                Time.Schedule(Keepalive, () => call.Break(SimulatedErrors.Lost(host, Way, "internal error: connection closed due to keepalive timeout")));
            }
        }
    }

    private void CheckStep()
    {
        if (Source.IsExecuting ? Destination.IsExecuting || Elsewhere.IsExecuting : Destination.IsExecuting && Elsewhere.IsExecuting)
        {
            Truth.NoteTwice();
        }
    }

    private void Prepare()
    {
        var domain = new SimulatedDomain();
        Source.Domain = domain;
        if (Scenario.IsLive)
        {
            domain.IsActive = true;
            domain.Id = 7;
            domain.IsExecuting = !Scenario.IsPausedBefore;
            domain.State = domain.IsExecuting ? VmState.Running : VmState.Paused;
            domain.Reason = domain.IsExecuting ? Scenario.FirstReason : Reasons.PausedUser;
            domain.LiveDefinition = Definition(256);
        }
        else
        {
            domain.Reason = Reasons.ShutOffShutdown;
        }

        domain.PersistentDefinition = Scenario.IsPersistent ? Definition(256) : null;
        domain.Autostart = Scenario.IsPersistent && Scenario.HasAutostart;
        if (Scenario.HasOldDefinition)
        {
            Destination.Domain = new() { Reason = Reasons.ShutOffMigrated, PersistentDefinition = Definition(Scenario.IsOldDefinitionTheSame ? 256 : 128) };
        }

        Truth.Begin();
    }
}
