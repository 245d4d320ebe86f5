using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Cmdlets;

/// <summary>The cmdlets that move guests do it over every transport, and each time the guest runs once and has lost nothing.</summary>
/// <param name="traveller">A guest.</param>
public sealed class MovingCmdletTests(Traveller traveller) : TransportTest(traveller.Lab), IClassFixture<Traveller>
{
    [Theory]
    [MemberData(nameof(TransportCases.Each), MemberType = typeof(TransportCases))]
    public async Task A_guest_moves_live_over_four_connections_with_a_limit_and_is_verified(string transport)
    {
        using var session = await ConnectFromHereAsync(transport);

        var result = session.Run("""
            $result = Start-VmMigration traveller -VmHost $here -Destination $there -Live -Parallel 4 -MaxDowntime 321
            $result
            $result | Test-VmMigrationResult
            """).AssertNoErrors();

        var (moved, verified) = (result.Output[0], result.Output[1]);
        Assert.Equal("Completed", moved.Text("Outcome"));
        Assert.Equal(4, moved.Number("Connections"));
        Assert.Equal(1, moved.Number("Verification.RunningInstances"));
        Assert.InRange(moved.Number("Transferred"), 16L << 20, 4L << 30);
        Assert.InRange((TimeSpan)moved.Get("Downtime")!, TimeSpan.FromMilliseconds(1), (TimeSpan)moved.Get("Duration")!);
        Assert.Equal("True", verified.Text("IsVerified"));
        Assert.Equal(traveller.There.Name, verified.Text("RunsOn"));
        await traveller.AssertArrivedAsync();
        Assert.Contains("--parallel-connections 4", moved.Text("Command"), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task A_job_in_the_background_is_listed_steered_and_waited_for(string transport)
    {
        using var session = await ConnectFromHereAsync(transport);
        await using var limit = await Lab.LimitAsync(traveller.Here, "150mbit");

        var started = session.Run("$job = Start-VmMigration traveller -VmHost $here -Destination $there -Live -AsJob -MaxDowntime 20; $job").Single;
        await traveller.Guest.WaitUntilMovingAsync(traveller.Here);
        var during = session.Run("Get-VmMigrationJob traveller").Single;
        var set = session.Run("Get-VmMigrationJob traveller | Set-VmMigrationJob -MaxDowntime 25 -Bandwidth 900MB").Single;
        foreach (var end in new[] { "Disconnect-VmHost $here", "Connect-VmHost $here -Transport Libvirt" })
        {
            session.Run(end).AssertError("HostInUse", ErrorCategory.ResourceBusy, "traveller", "Wait-VmMigrationJob");
        }

        var limitThen = await Lab.VirshAsync(traveller.Here, "migrate-getmaxdowntime", "traveller");
        session.Run("Set-VmMigrationJob traveller -VmHost $here -MaxDowntime 20000").AssertNoErrors();
        var done = session.Run("Wait-VmMigrationJob traveller -VmHost $here").Single;
        var received = session.Run("Wait-Job $job | Receive-Job; \"$($job.State)\"").AssertNoErrors();

        Assert.Equal("traveller", started.Text("Vm"));
        Assert.Equal(("Running", traveller.Here.Name, traveller.There.Name), (during.Text("Status"), during.Text("Source"), during.Text("Destination")));
        Assert.True(during.Number("Transferred") > 0);
        Assert.Equal(25, ((TimeSpan)set.Get("MaxDowntime")!).TotalMilliseconds);
        Assert.Equal("25", limitThen);
        Assert.Equal("Completed", done.Text("Status"));
        Assert.Equal("Completed", received.Output[0].Text("Outcome"));
        Assert.Equal("Completed", received.Output[1].BaseObject);
        await traveller.AssertArrivedAsync();
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task A_migration_is_stopped_and_another_switched_to_post_copy(string transport)
    {
        using var session = await ConnectFromHereAsync(transport);
        using var other = await ConnectFromHereAsync(transport);
        await using var limit = await Lab.LimitAsync(traveller.Here, "80mbit");

        using (var stopped = session.Begin("Start-VmMigration traveller -VmHost $here -Destination $there -Live"))
        {
            var end = await BeginsToMoveAsync(stopped);
            Assert.Equal("Failed", other.Run("Stop-VmMigration traveller -VmHost $here").Single.Text("Status"));
            Assert.Equal("RolledBack", Assert.Single((await end()).Output).Text("Outcome"));
            await traveller.AssertStayedAsync();
        }

        using var switched = session.Begin("Start-VmMigration traveller -VmHost $here -Destination $there -Live -PostCopy");
        var arrival = await BeginsToMoveAsync(switched);
        var job = other.Run("Get-VmMigrationJob traveller | Switch-VmMigrationPostCopy").Single;
        var result = (await arrival()).Single;

        Assert.Equal("PostCopy", job.Text("Phase"));
        Assert.Equal("Completed", result.Text("Outcome"));
        await traveller.AssertArrivedAsync();
    }

    [Theory]
    [MemberData(nameof(TransportCases.Each), MemberType = typeof(TransportCases))]
    public async Task A_vm_that_is_off_moves_and_one_that_has_moved_is_no_longer_there(string transport)
    {
        await using var guest = await Lab.StartGuestAsync("seam-off", "--off");
        using var session = Connect(transport);

        var moved = session.Run("Start-VmMigration seam-off -VmHost $kvm1 -Destination $kvm2 -Offline -UndefineSource").Single;
        var gone = session.Run("Get-Vm seam-off -VmHost $kvm1");
        var running = session.Run("Start-VmMigration seam-off -VmHost $kvm2 -Destination $kvm1 -Live");

        Assert.Equal("Completed", moved.Text("Outcome"));
        Assert.Equal("shut off", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name));
        await AssertNotOnAsync(Lab.Host1, guest.Name);
        gone.AssertError("VmNotFound", System.Management.Automation.ErrorCategory.ObjectNotFound, "seam-off", "Get-Vm");
        running.AssertError("VmNotRunning", System.Management.Automation.ErrorCategory.InvalidOperation, "seam-off", "Leave -Live out");
    }

    // One that does not begin says why.
    private async Task<Func<Task<SessionResult>>> BeginsToMoveAsync(RunningScript migration)
    {
        var moving = traveller.Guest.WaitUntilMovingAsync(traveller.Here);
        var ended = Task.Run(migration.Wait);
        if (await Task.WhenAny(moving, ended) == ended)
        {
            Assert.Fail($"It ended before it began: {string.Join('\n', (await ended).Errors)}");
        }

        await moving;
        return () => ended;
    }

    private async Task<PowerShellSession> ConnectFromHereAsync(string transport)
    {
        await traveller.FindAsync();
        var way = TransportCase.Parse(transport);
        return Connect(transport).Set("here", way.Uri(traveller.Here)).Set("there", way.Uri(traveller.There));
    }
}
