using System.Collections.Specialized;
using VirtMigrate.Tests.Core;

namespace VirtMigrate.Tests.Views;

/// <summary>The larger ones of the worst cases, which are made of the others.</summary>
internal static class MoreCases
{
    public static JobStatistics Statistics(long big, TimeSpan time, string text) => new()
    {
        Operation = JobOperation.SnapshotRevert,
        Success = false,
        ErrorMessage = text,
        Elapsed = time,
        Downtime = time,
        DowntimeNet = time,
        SetupTime = time,
        DataTotal = big,
        DataProcessed = big,
        DataRemaining = big,
        MemoryTotal = big,
        MemoryProcessed = big,
        MemoryRemaining = big,
        MemoryRate = big,
        DirtyPagesPerSecond = 123456789,
        PageSize = 4096,
        Iteration = 123456,
        PostCopyRequests = 123456789,
        DiskTotal = big,
        DiskProcessed = big,
        DiskRemaining = big,
        AutoConvergeThrottle = 99,
    };

    public static IEnumerable<object> Migrations(
        VmHost host, VmMigrationVerification verification, JobStatistics statistics, MigrationSample[] samples, MigrationDecision decision)
    {
        var begin = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        yield return new VmMigrationResult
        {
            Vm = WorstCase.Name,
            Uuid = TestData.Uuid,
            Source = host,
            Destination = host,
            Outcome = MigrationOutcome.PostCopyPaused,
            IsLive = true,
            StartTime = begin,
            EndTime = begin + statistics.Elapsed,
            Downtime = statistics.Elapsed,
            SwitchoverDowntime = TimeSpan.FromMilliseconds(999),
            Transferred = statistics.DataTotal,
            Throughput = statistics.DataTotal,
            Iterations = 123456,
            Connections = 255,
            Policy = "StallDetect",
            Options = new OrderedDictionary { ["Live"] = true },
            Phases = [new MigrationPhaseSpan(MigrationPhase.Preparing, default, statistics.Elapsed)],
            Samples = samples,
            Decisions = [decision],
            Command = "virsh -c " + host.Uri + " migrate --live --domain " + WorstCase.Name,
            Verification = verification with { DestinationInstance = verification.SourceInstance with { Status = new VmStatus(VmState.ShutOff, 4) } },
            Warnings = [verification.Message, verification.Message],
            Error = verification.Message,
        };
        yield return new VmMigrationJobInfo
        {
            Vm = WorstCase.Name,
            Uuid = TestData.Uuid,
            Source = host,
            Destination = host,
            Status = MigrationJobStatus.PostCopyPaused,
            Phase = MigrationPhase.Preparing,
            PercentComplete = 100,
            Duration = statistics.Elapsed,
            Remaining = statistics.DataTotal,
            Transferred = statistics.DataTotal,
            Rate = statistics.DataTotal,
            Iteration = 123456,
            DirtyRate = statistics.DataTotal,
            Downtime = statistics.Elapsed,
            MaxDowntime = statistics.Elapsed,
            TimeLeft = statistics.Elapsed,
            ImpliedDowntime = statistics.Elapsed,
            Error = verification.Message,
        };
    }

    public static IEnumerable<object> Policies(string text, OrderedDictionary options)
    {
        var step = new MigrationPolicyStep { AfterIterations = 1234, Action = MigrationAction.SetMaxDowntime, MaxDowntime = TimeSpan.FromSeconds(123) };
        var stall = new MigrationStallDetection { AllowPostCopy = true, AllowSuspend = true };
        yield return step;
        yield return stall;
        yield return new MigrationPolicy
        {
            Name = "a-policy-with-a-rather-long-name",
            Description = text,
            Options = options,
            ThrottleLimit = 255,
            InitialMaxDowntime = TimeSpan.FromMilliseconds(100),
            Steps = [step],
            StallDetection = stall,
            Timeout = TimeSpan.FromHours(99),
        };
    }

    public static IEnumerable<VmMigrationCheck> Checks(VmMigrationCheck check) =>
        Enum.GetValues<ReadinessCategory>().Select((category, i) => check with { Category = category, Status = (ReadinessStatus)(i % 5) });

    public static VmMigrationEstimate Estimate(
        VmHost host, MigrationForecast forecast, MigrationRecommendation recommendation, VmDirtyRate rate, OrderedDictionary options) => new()
        {
            Vm = WorstCase.Name,
            Uuid = TestData.Uuid,
            Source = host,
            Destination = host,
            Forecast = forecast,
            Recommendation = recommendation,
            Bandwidth = rate.BytesPerSecond,
            BandwidthSource = BandwidthSource.Achieved,
            BandwidthEvidence = recommendation.Reason,
            ResidentMemory = rate.BytesPerSecond,
            MaxDowntime = TimeSpan.FromSeconds(1),
            MinimumBandwidth = rate.BytesPerSecond,
            MinimumMaxDowntime = TimeSpan.FromSeconds(1),
            AutoConvergeThrottle = 99,
            PostCopyDuration = TimeSpan.FromSeconds(1),
            StorageSize = rate.BytesPerSecond,
            Connections = 255,
            DirtyRate = rate,
            Remarks = [recommendation.Reason],
            Options = options,
            Time = DateTimeOffset.UnixEpoch,
        };
}
