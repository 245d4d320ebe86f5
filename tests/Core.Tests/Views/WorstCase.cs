using VirtMigrate.Tests.Core;
using VirtMigrate.Estimation;

namespace VirtMigrate.Tests.Views;

/// <summary>Objects whose every property says something, with names and numbers as long as they get.</summary>
internal static class WorstCase
{
    /// <summary>A name of 60 letters.</summary>
    public const string Name = "accounting-database-of-the-third-quarter-standby-replica-014";

    private const long Big = (999L << 40) / 10;
    private const string Text = "a message of libvirt's that goes on and on and names /var/lib/libvirt/images/accounting-database.qcow2 as well";
    private static readonly TimeSpan Long = new(99, 23, 59, 59);
    private static readonly DateTimeOffset Time = new(2026, 11, 23, 12, 34, 56, TimeSpan.Zero);

    private static readonly VmHost Host = TestData.Host("compute-node-0123.rack-17.example.org") with
    {
        Uri = "qemu+ssh://administrator@compute-node-0123.rack-17.example.org:22022/system?keyfile=/etc/virtmigrate/keys/migration_ed25519",
        HypervisorVersion = new(10, 2, 22),
        LibvirtVersion = new(12, 10, 0),
        CpuCount = 1024,
        Memory = Big,
        Uuid = TestData.Uuid,
        IsConnected = true,
    };

    private static readonly VmStatus Status = new(VmState.Running, 11);
    private static readonly VmInstance Seen = new() { VmHost = Host, Status = Status, IsPersistent = true, Error = Text };

    private static readonly MigrationForecast Forecast = new()
    {
        Verdict = MigrationConvergence.Uncertain,
        Duration = Long,
        ShortestDuration = Long,
        LongestDuration = Long,
        Transferred = Big,
        MostTransferred = Big,
        Iterations = 1234,
        Downtime = Long,
        LongestDowntime = Long,
    };

    private static readonly DirtyRateReading Reading = new(Big, TimeSpan.FromSeconds(60), Time)
    {
        Mode = DirtyRateMode.PageSampling,
        Vcpus = [.. Enumerable.Range(0, 16).Select(i => new VcpuDirtyRate(i, Big))],
        ResidentMemory = Big,
    };

    private static readonly MigrationSample Sample = new()
    {
        Elapsed = Long,
        Iteration = 123456,
        Remaining = Big,
        Transferred = Big,
        Rate = Big,
        ImpliedDowntime = Long,
        DirtyPagesPerSecond = 123456789,
        Throttle = 99,
        PostCopyRequests = 123456789,
    };

    private static readonly MigrationDecision Decision = new()
    {
        Elapsed = Long,
        Iteration = 123456,
        Action = MigrationAction.SetMaxDowntime,
        Status = MigrationDecisionStatus.Refused,
        Reason = Text,
        Error = Text,
        MaxDowntime = Long,
        ImpliedDowntime = Long,
        Remaining = Big,
        Rate = Big,
    };

    private static readonly VmMigrationVerification Verification = new()
    {
        Vm = Name,
        Uuid = TestData.Uuid,
        Source = Host,
        Destination = Host,
        SourceInstance = Seen with { Error = null },
        DestinationInstance = Seen with { Status = new VmStatus(VmState.ShutOff, 4) },
        Outcome = MigrationOutcome.PostCopyPaused,
        Message = Text,
    };

    private static readonly VmMigrationCheck Check = new()
    {
        Id = "CharacterDevicesAtDestination",
        Category = ReadinessCategory.Hypervisor,
        Status = ReadinessStatus.NotVerified,
        Message = Text,
        Evidence = [new ReadinessEvidence(Host.Name, "the file of the disk vda and of every disk behind it", Text)],
        Recommendation = Text,
        LibvirtError = Text,
        Defect = Text,
    };

    /// <summary>The objects, of every type that has a view.</summary>
    public static IReadOnlyDictionary<string, object> Objects { get; } = Make().ToDictionary(o => o.GetType().FullName!, StringComparer.Ordinal);

    private static object[] Make()
    {
        var recommendation = new MigrationRecommendation { Added = "-AutoConverge -AutoConvergeInitial 20 -Parallel 16 -MaxDowntime 1500", Reason = Text, Forecast = Forecast, Options = Options() };
        var rate = new VmDirtyRate { Vm = Name, Uuid = TestData.Uuid, VmHost = Host, Readings = [Reading], Curve = ConcaveFit.Curve([Reading], Big) };
        var statistics = MoreCases.Statistics(Big, Long, Text);
        return
        [
            Host, Status, Seen, Forecast, Reading, Reading.Vcpus[0], Sample, Decision, Verification, Check, Check.Evidence[0], recommendation, rate, statistics,
            new DirtyMemoryPoint(Long, Big),
            new Vm { Name = Name, Uuid = TestData.Uuid, Id = 1234567, Status = Status, VmHost = Host, VCpuCount = 1024, Memory = Big, MaxMemory = Big },
            new MigrationPhaseSpan(MigrationPhase.Preparing, Long, Long),
            new VmMigrationError { End = MigrationEnd.Destination, Host = Host.Name, Code = 12345, Domain = 10, Message = Text, ErrorId = "MigrationFailed", Time = Time },
            .. MoreCases.Migrations(Host, Verification, statistics, [Sample with { Elapsed = default, Transferred = 0 }, Sample], Decision),
            .. MoreCases.Policies(Text, Options()),
            new VmMigrationReadiness { Vm = Name, Uuid = TestData.Uuid, Source = Host, Destination = Host, Checks = [.. MoreCases.Checks(Check)], Skipped = ["TlsForced"], Options = Options(), Time = Time },
            MoreCases.Estimate(Host, Forecast, recommendation, rate, Options()),
            new VmMigrationBandwidth { Source = Host.Name, Destination = Host.Name, Vm = Name, StartTime = Time, BytesPerSecond = Big, Transferred = Big, Duration = Long, Overhead = Long, Connections = 255, Limit = Big },
        ];
    }

    private static System.Collections.Specialized.OrderedDictionary Options() => new() { ["Live"] = true, ["Bandwidth"] = 123456789L, ["DestinationXml"] = Text };
}
