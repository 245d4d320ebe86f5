using System.Collections.Specialized;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>A result says how a migration went, also when it has been a file in between.</summary>
public sealed class ResultRecordTests
{
    [Fact]
    public void A_result_survives_json()
    {
        var result = Result();

        var back = JsonSerializer.Deserialize<VmMigrationResult>(JsonSerializer.Serialize(result))!;

        Assert.Equal(JsonSerializer.Serialize(result), JsonSerializer.Serialize(back));
        Assert.Equal(result.Samples, back.Samples);
        Assert.Equal(result.Decisions, back.Decisions);
        Assert.Equal(result.Phases, back.Phases);
        Assert.Equal(result.Statistics, back.Statistics);
        Assert.Equal(result.Verification, back.Verification);
        Assert.Equal(result.Source, back.Source);
        Assert.Equal(result.Options, back.Options);
        OrderedDictionary none = [];
        Assert.Equal(result.Errors, back.Errors);
        Assert.Equal(result.Warnings, back.Warnings);
        Assert.Equal(result with { Samples = [], Decisions = [], Phases = [], Errors = [], Warnings = [], Options = none },
            back with { Samples = [], Decisions = [], Phases = [], Errors = [], Warnings = [], Options = none });
    }

    [Fact]
    public void Every_part_says_what_it_is_when_it_is_cut_to_a_text()
    {
        var result = Result();

        Assert.Equal("12.4 s, iteration 5: SetMaxDowntime: 4 iterations > 3: allow 300 ms", result.Decisions[0].ToString());
        Assert.Equal("13.0 s: PostCopy (refused: no): the timeout of 13 s has expired: switch to post-copy", result.Decisions[1].ToString());
        Assert.Equal("4.1 s, iteration 2: 71.5 MiB remaining", result.Samples[0].ToString());
        Assert.Equal("Copying 4.2 s", result.Phases[0].ToString());
    }

    private static readonly string[] Methods = ["zstd"];

    private static VmMigrationResult Result() => TestData.Result() with
    {
        Source = TestData.Host() with { HypervisorVersion = new(7, 2, 22), Uuid = Guid.NewGuid() },
        StartTime = DateTimeOffset.Parse("2026-01-02T03:04:05.1234567+02:00", CultureInfo.InvariantCulture),
        EndTime = DateTimeOffset.Parse("2026-01-02T03:04:17Z", CultureInfo.InvariantCulture),
        Warnings = ["'db1' is still started on 'kvm1' when that boots."],
        Downtime = TimeSpan.FromMilliseconds(73),
        SwitchoverDowntime = TimeSpan.FromMilliseconds(70),
        Bandwidth = new()
        {
            Source = "kvm1", Destination = "kvm2", Vm = "db1", StartTime = DateTimeOffset.UnixEpoch, BytesPerSecond = 9, Transferred = 5,
            Duration = TimeSpan.FromSeconds(4), Limit = 100L << 20,
        },
        Policy = "StallDetect",
        Options = MigrationOptionValues.Of(
            [new("Live", true), new("Parallel", 4), new("Compression", Methods), new("MigrateUri", "tcp://kvm2"), new("Bandwidth", 100L << 20)]),
        Phases = [new(MigrationPhase.Copying, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4.2))],
        Samples =
        [
            new() { Elapsed = TimeSpan.FromSeconds(4.1), Iteration = 2, Remaining = (long)(71.5 * 1024 * 1024), Transferred = 5, Rate = 7, ImpliedDowntime = TimeSpan.FromSeconds(3), DirtyPagesPerSecond = 9, Throttle = 20 },
        ],
        Decisions =
        [
            new()
            {
                Elapsed = TimeSpan.FromSeconds(12.4), Iteration = 5, Action = MigrationAction.SetMaxDowntime, Reason = "4 iterations > 3: allow 300 ms",
                MaxDowntime = TimeSpan.FromMilliseconds(300), ImpliedDowntime = TimeSpan.FromMilliseconds(1870), Remaining = 5, Rate = 7,
            },
            new()
            {
                Elapsed = TimeSpan.FromSeconds(13), Action = MigrationAction.PostCopy, Status = MigrationDecisionStatus.Refused, Error = "no",
                Reason = "the timeout of 13 s has expired: switch to post-copy",
            },
        ],
        Error = "it was slow",
        ErrorId = "MigrationTimedOut",
        CanRetry = true,
        Errors =
        [
            new() { End = MigrationEnd.Destination, Host = "kvm2", Code = 9, Domain = 10, Message = "no", ErrorId = "QemuFailed", Time = DateTimeOffset.UnixEpoch },
        ],
        Statistics = new() { Operation = JobOperation.MigrationIn, IsCompleted = true, Success = true, Elapsed = TimeSpan.FromSeconds(9), DataTotal = 5, Iteration = 3 },
    };
}
