using VirtMigrate.Failures;
using VirtMigrate.Migration;
using VirtMigrate.Options;
using VirtMigrate.Planning;
using VirtMigrate.Simulation;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Simulation;

/// <summary>Migrations that this side resumes, follows and steers, and did not start.</summary>
public sealed class FollowedMigrationTests
{
    private static readonly MigrationOptionSet Live = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true);

    private static readonly Scenario Broken = new()
    {
        Seed = 1,
        Role = MigrationRole.Resume,
        Options = Live.With(MigrationOptions.PostCopy, true),
        StallTimeout = TimeSpan.FromSeconds(10),
    };

    private static readonly Scenario Foreign = new() { Seed = 2, Role = MigrationRole.Follow, Options = Live, ComesAt = TimeSpan.FromSeconds(1) };

    [Fact]
    public void A_broken_post_copy_is_resumed_and_arrives()
    {
        var result = Run(Broken);
        Assert.Equal(MigrationOutcome.Completed, result.Outcome);
        Assert.Null(result.Report!.Failure);
        Assert.Contains(result.Report.Result.Phases, p => p.Phase == MigrationPhase.PostCopy);
    }

    [Fact]
    public void A_call_that_fails_is_made_again_and_its_error_is_none_of_the_result()
    {
        var result = Run(Broken with { Faults = [new(FaultKind.CallFailsBefore, FaultPoint.Start, TimeSpan.Zero, TimeSpan.Zero, false, 0)] });
        Assert.Equal(MigrationOutcome.Completed, result.Outcome);
        Assert.Null(result.Report!.Result.Error);
    }

    [Fact]
    public void A_post_copy_that_only_lost_its_client_is_followed_and_not_asked_to_resume()
    {
        var result = Run(Broken with { Break = PostCopyBreak.Unattended });
        Assert.Equal(MigrationOutcome.Completed, result.Outcome);
        Assert.DoesNotContain(result.Trace, l => l.Contains("migrate kvm1 to kvm2", StringComparison.Ordinal));
    }

    [Fact]
    public void A_qemu_that_does_not_answer_ends_the_attempt_when_nothing_has_moved_for_as_long_as_was_given()
    {
        var result = Run(Broken with { Break = PostCopyBreak.Hanging });
        Assert.Equal(MigrationOutcome.PostCopyPaused, result.Outcome);
        Assert.Equal("ResumeTimedOut", result.Report!.Result.ErrorId);
        Assert.True(result.Report.Result.CanRetry);
        Assert.Contains("did not continue within 10 s: libvirt has not answered", result.Report.Result.Error, StringComparison.Ordinal);
        Assert.InRange(result.Duration.TotalSeconds, 10, 45);
    }

    [Fact]
    public void A_half_that_is_gone_is_told_and_nothing_can_be_resumed()
    {
        var result = Run(Broken with { Faults = [new(FaultKind.QemuCrashes, FaultPoint.Start, TimeSpan.Zero, TimeSpan.Zero, AtDestination: true, 0)] });
        Assert.Equal("PostCopyLost", result.Report!.Result.ErrorId);
        Assert.False(result.Report.Result.CanRetry);
    }

    [Fact]
    public void Who_stops_to_follow_a_resumed_post_copy_is_told_that_it_goes_on_and_it_arrives()
    {
        var result = Run(Broken with { StopAt = TimeSpan.FromMilliseconds(400) });
        Assert.True(result.Report!.Result.Verification.IsInProgress);
        Assert.StartsWith("Stopped waiting for the post-copy of 'vm'.", result.Report.Result.Error, StringComparison.Ordinal);
        Assert.InRange(result.Duration.TotalSeconds, 0.4, 2);
        Assert.True(result.MovedLater);
    }

    [Fact]
    public void The_destination_starts_a_resumed_VM_at_its_boot_where_the_source_did()
    {
        var result = Run(Broken with { HasAutostart = true });
        Assert.True(result.Report!.Result.Verification.DestinationInstance.Autostart);
    }

    [Fact]
    public void A_migration_of_another_client_is_followed_to_its_end()
    {
        var result = Run(Foreign);
        Assert.Equal(MigrationOutcome.Completed, result.Outcome);
        Assert.Equal(0, result.Aborts);
    }

    [Fact]
    public void A_migration_of_another_client_is_aborted_where_that_was_asked_for()
    {
        var result = Run(Foreign with { Steering = MigrationRequested.Abort });
        Assert.Equal(MigrationOutcome.RolledBack, result.Outcome);
        Assert.Equal(1, result.Aborts);
    }

    [Fact]
    public void A_post_copy_of_another_client_is_not_aborted()
    {
        var result = Run(Foreign with
        {
            Steering = MigrationRequested.Abort,
            Options = Live.With(MigrationOptions.PostCopy, true),
            OtherSwitchesAt = TimeSpan.FromMilliseconds(900),
        });
        FailureAssert.Is<MigrationException>("PostCopyActive", result.Report!.Failure!.InnerException);
        Assert.Equal(0, result.Aborts);
        Assert.True(result.MovedLater);
    }

    [Fact]
    public void A_post_copy_of_another_client_is_broken_where_that_was_asked_for()
    {
        var result = Run(Foreign with
        {
            Steering = MigrationRequested.AbortPostCopy,
            Options = Live.With(MigrationOptions.PostCopy, true),
            OtherSwitchesAt = TimeSpan.FromMilliseconds(900),
        });
        Assert.Equal(MigrationOutcome.PostCopyPaused, result.Outcome);
    }

    [Fact]
    public void A_migration_of_another_client_is_switched_to_post_copy_and_left()
    {
        var result = Run(Foreign with { Steering = MigrationRequested.StartPostCopy, Options = Live.With(MigrationOptions.PostCopy, true) });
        Assert.Equal("paused (post-copy)", result.Report!.Result.Verification.SourceInstance.Status.ToString());
        Assert.True(result.MovedLater);
    }

    [Fact]
    public void A_migration_without_post_copy_is_not_switched_and_goes_on()
    {
        var result = Run(Foreign with { Steering = MigrationRequested.StartPostCopy });
        FailureAssert.Is<MigrationException>("PostCopyNotEnabled", result.Report!.Failure!.InnerException);
        Assert.True(result.MovedLater);
    }

    [Fact]
    public void Who_stops_to_follow_leaves_the_migration_alone()
    {
        var result = Run(Foreign with { StopAt = TimeSpan.FromMilliseconds(1500) });
        Assert.Equal(0, result.Aborts);
        Assert.True(result.Report!.Result.Verification.MayTakeEffect);
        Assert.True(result.MovedLater);
    }

    [Fact]
    public void A_guest_that_ends_while_another_client_moves_it_is_named()
    {
        var result = Run(Foreign with { Faults = [new(FaultKind.QemuCrashes, FaultPoint.Perform, TimeSpan.FromSeconds(1.5), TimeSpan.Zero, false, 0)] });
        Assert.Equal(MigrationOutcome.GuestCrashed, result.Outcome);
    }

    private static SimulationResult Run(Scenario scenario)
    {
        var result = SimulationRun.Run(Engines.Driver, scenario, isTraced: true);
        Assert.True(result is { Report: not null, Violations: [] }, string.Join('\n', result.Trace));
        return result;
    }
}
