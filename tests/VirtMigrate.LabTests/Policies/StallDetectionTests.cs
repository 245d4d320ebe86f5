using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Policies;

/// <summary>The stall controller with guests below, about and beyond the link's rate, with windows short enough for a test.</summary>
public sealed class StallDetectionTests(LabFixture lab) : PolicyTest(lab)
{
    // 20 MiB that are written anew all the time take 0.9 s to move.
    private static readonly string[] Small = ["--memory", "192", "--working-set", "20", "--dirty", "60"];

    // The link moves 22 to 23 MiB/s; 40 MiB take 1.8 s.
    private static string[] Guest(int rate) => ["--memory", "192", "--working-set", "40", "--dirty", $"{rate}"];

    [Fact]
    public async Task A_guest_at_nine_tenths_of_the_rate_converges_and_is_left_alone()
    {
        await using var guest = await Lab.StartGuestAsync("slower", Guest(20));

        var result = Migrate(guest, "-Policy @{ Name = 'Short'; InitialMaxDowntime = 1200; StallDetection = @{ Window = 10; MaxDowntime = 1500 } }").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Empty(Steps(result));

        // Whether libvirt reports one more pass before QEMU switches over is a matter of milliseconds.
        Assert.NotEmpty(Decisions(result));
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task A_guest_at_eleven_tenths_stalls_and_is_suspended_where_that_is_allowed()
    {
        await using var guest = await Lab.StartGuestAsync("faster", Guest(25));

        var result = Migrate(guest, "-Policy @{ Name = 'Short'; StallDetection = @{ Window = 2; MaxDowntime = 300; AllowSuspend = $true } }").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(["Suspend"], Steps(result));
        Assert.EndsWith("> 1.5 × 300 ms: suspend the guest until its memory has moved", LastReason(result), StringComparison.Ordinal);
        Assert.True((TimeSpan)result.Get("SwitchoverDowntime")! < (TimeSpan)result.Get("Downtime")!);
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task A_guest_at_twice_the_rate_is_given_up_or_goes_by_post_copy()
    {
        await using var guest = await Lab.StartGuestAsync("double", Guest(46));
        Session.Run("$short = New-VmMigrationPolicy Short -From StallDetect -StallDetection @{ Window = 2 }").AssertNoErrors();

        var stays = Migrate(guest, "-Policy $short");
        stays.AssertError("MigrationAbortedByPolicy", ErrorCategory.LimitsExceeded, "> 1.5 × 900 ms: abort", "Decisions");
        Assert.Equal("RolledBack", Assert.Single(stays.Output).Text("Outcome"));
        var moves = Migrate(guest, "-Policy $short -PostCopy").Single;

        Assert.Equal(["PostCopy"], Steps(moves));
        Assert.EndsWith("> 1.5 × 900 ms: switch to post-copy", LastReason(moves), StringComparison.Ordinal);
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task A_stall_within_the_limits_is_ended_by_raising_the_limit()
    {
        await using var guest = await Lab.StartGuestAsync("raise", Small);

        // What a job's reader sees: every decision as a verbose record, the one that changed something as information.
        var job = Session.Set("name", guest.Name).Run("""
            $job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -AsJob -Policy @{ Name = 'Short'; StallDetection = @{ Window = 1.5; MaxDowntime = 1100 } }
            $null = Wait-Job $job
            [pscustomobject]@{ Result = $job.Result; Verbose = @($job.Verbose.Message); Information = @($job.Information) }
            """).Single;

        var result = PSObject.AsPSObject(job.Get("Result")!);
        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(["1100"], Steps(result));
        Assert.EndsWith("≤ 1,100 ms: allow 1,100 ms", LastReason(result), StringComparison.Ordinal);
        Assert.Equal(Decisions(result).Select(d => $"raise: {d}"), ((object[])job.Get("Verbose")!).Select(v => v.ToString()));
        var information = PSObject.AsPSObject(Assert.Single((object[])job.Get("Information")!));
        Assert.Contains("SetMaxDowntime", information.Text("MessageData"), StringComparison.Ordinal);
        Assert.Equal(["VirtMigrate"], (IEnumerable<string>)information.Get("Tags")!);
        await AssertMovedAsync(guest);
    }

    [Fact]
    public async Task Stall_detect_itself_looks_back_40_seconds_and_gives_up_where_nothing_else_was_allowed()
    {
        await using var guest = await Lab.StartGuestAsync("by-name", Guest(46));

        var run = Migrate(guest, "-Policy StallDetect");

        run.AssertError("MigrationAbortedByPolicy", ErrorCategory.LimitsExceeded, "> 1.5 × 900 ms: abort", "-Policy PostCopy");
        var result = Assert.Single(run.Output);
        Assert.Equal("RolledBack", result.Text("Outcome"));
        Assert.Equal("StallDetect", result.Text("Policy"));
        Assert.Equal(["Abort"], Steps(result));
        var reasons = Decisions(result).Select(d => d.Text("Reason")).ToArray();
        Assert.EndsWith("younger than the window of 40 s", reasons[0], StringComparison.Ordinal);
        Assert.Contains(reasons, r => r.EndsWith("the least of more than 40 s ago less 4 %", StringComparison.Ordinal));
        Assert.EndsWith("> 1.5 × 900 ms: abort", reasons[^1], StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
    }
}
