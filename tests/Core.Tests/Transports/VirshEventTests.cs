using CsCheck;
using VirtMigrate.Hosts;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Transports;

/// <summary>Events and statistics of jobs, as virsh prints them.</summary>
public sealed class VirshEventTests
{
    private const string Job = "Job type: 2         \n\n";
    private static readonly Guid Vm = new("c0ffee00-0000-4000-8000-000000000001");

    private static readonly string[] Completed =
        ["event 'job-completed' for domain 'web':", "\ttime_elapsed: 1234", "\tdowntime: 40", "\toperation: 6", "\terrmsg: two\n\tlines"];

    [Fact]
    public void An_iteration_of_a_migration_has_its_number() =>
        Assert.Equal(new MigrationIterationEvent(Vm, 5), Parse("event 'migration-iteration' for domain 'web': iteration: '5'", "web"));

    [Theory]
    [InlineData("Suspended Migrated", 3, 1)]
    [InlineData("Suspended Post-copy", 3, 7)]
    [InlineData("Suspended Post-copy Error", 3, 8)]
    [InlineData("Resumed Migrated", 4, 1)]
    [InlineData("Stopped Migrated", 5, 3)]
    [InlineData("Started Event wakeup", 2, 4)]
    [InlineData("Started of a later libvirt", 2, -1)]
    public void A_change_of_state_has_libvirts_numbers(string text, int kind, int detail) =>
        Assert.Equal(new LifecycleEvent(Vm, kind, detail), Parse($"event 'lifecycle' for domain 'web': {text}", "web"));

    [Theory]
    [InlineData("web")]
    [InlineData("it's: Suspended Migrated")]
    [InlineData("': iteration: '7'")]
    [InlineData("$(touch x) `y` 漢")]
    [InlineData("' for domain '")]
    public void A_name_may_be_anything(string name)
    {
        Assert.Equal(new LifecycleEvent(Vm, 4, 1), Parse($"event 'lifecycle' for domain '{name}': Resumed Migrated", name));
        Assert.Equal(new MigrationIterationEvent(Vm, 2), Parse($"event 'migration-iteration' for domain '{name}': iteration: '2'", name));
    }

    [Fact]
    public void Older_virsh_does_not_quote_names() =>
        Assert.Equal(new MigrationIterationEvent(Vm, 5), Parse("event 'migration-iteration' for domain web: iteration: '5'", "web"));

    [Fact]
    public void The_end_of_a_job_has_its_statistics()
    {
        var ended = Assert.IsType<JobCompletedEvent>(VirshEventText.Parse(Completed)!.ToEvent(Vm));

        Assert.Equal(TimeSpan.FromMilliseconds(1234), ended.Statistics.Elapsed);
        Assert.Equal(TimeSpan.FromMilliseconds(40), ended.Statistics.Downtime);
        Assert.StartsWith("two", ended.Statistics.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void Other_events_are_of_no_interest() => Assert.Null(VirshEventText.Parse(["event 'rtc-change' for domain 'web': 4"]));

    [Fact]
    public void Statistics_of_a_job_are_read_with_all_that_they_have()
    {
        var (type, values) = VirshJobs.ParseStatistics("Job type: 2\n\noperation: 4\ntime_elapsed: 512\nmemory_bps: 24117248\ncompression_x: 0.5\n");

        Assert.Equal(2, type);
        Assert.Equal(4, values.Count);
        Assert.Contains(values, v => v is { Name: "memory_bps", Number: 24117248 });
    }

    [Theory]
    [InlineData("")]
    [InlineData(Job)]
    [InlineData("Job type: x\n\n")]
    [InlineData("Job type: 2\n\ntime_elapsed: 5\ntime_elapsed: 6\n")]
    [InlineData("Job type: 2\n\ntime_elapsed: soon\n")]
    [InlineData("Job type: 2\n\ntime_elapsed: 512")]
    public void What_are_no_statistics_of_a_job_is_refused(string output) => Assert.Throws<VirshOutputException>(() => VirshJobs.ParseStatistics(output));

    [Fact]
    public void Whatever_is_printed_gives_an_event_or_the_text_in_question() =>
        Gen.Select(Gen.Int[0, Completed.Length - 1], Gen.Int[0, 40], Gen.String[0, 6]).Sample((line, at, garbage) =>
        {
            string[] lines = [.. Completed];
            lines[line] = lines[line][..Math.Min(at, lines[line].Length)] + garbage + lines[line][Math.Min(at + garbage.Length, lines[line].Length)..];
            try
            {
                _ = VirshEventText.Parse(lines)?.ToEvent(Vm);
            }
            catch (VirshOutputException)
            {
                // As it should be.
            }
        });

    private static DomainEvent? Parse(string line, string name)
    {
        var parsed = VirshEventText.Parse([line]);
        Assert.Contains(name, parsed!.Names);
        return parsed.ToEvent(Vm);
    }
}
