using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What reports are made of, and what Start-VmMigration makes of them.</summary>
public sealed class GateTests(LabFixture lab) : FailureTest(lab)
{
    private const string Iso = Images + "/gate.iso";

    [Fact]
    public async Task A_vm_that_is_not_ready_does_not_begin_unless_what_stops_it_is_skipped_or_mended()
    {
        await File.WriteAllTextAsync(On(Lab.Host1, Iso), new string('x', 4096), TestContext.Current.CancellationToken);
        await using var vm = await StartAsync(EmptyVmSetting.Cdrom(Iso));
        Session.Set("name", EmptyVm.Name);

        var run = Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2");
        var error = run.AssertError("VmNotReady", ErrorCategory.ResourceUnavailable, "VM 'empty' can't be migrated to 'kvm2': CdromImages: ", "--eject");
        Assert.Empty(run.Output);
        Assert.Contains("-SkipCheck CdromImages", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        await AssertNotOnAsync(Lab.Host2, EmptyVm.Name);

        var job = Session.Run("$job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -AsJob; $null = Wait-Job $job; $job.State; Receive-Job $job");
        job.AssertError("VmNotReady", ErrorCategory.ResourceUnavailable, "CdromImages", "--eject");
        Assert.Equal("Failed", Assert.Single(job.Output).BaseObject.ToString());

        Session.Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -SkipCheck cdromimages")
            .AssertError("CdromMissingOnDestination", ErrorCategory.ObjectNotFound, $"Cannot access storage file '{Iso}'", "--eject");

        // A report goes on: what it had found is looked at once more.
        Assert.False((bool)Session.Run("$report = Test-VmMigrationReadiness $name $kvm2 -VmHost $kvm1 -MaxDowntime 900 -Parallel 2; $report").Single.Get("IsReady")!);
        Session.Run("$report | Start-VmMigration").AssertError("VmNotReady", ErrorCategory.ResourceUnavailable, "CdromImages", "--eject");
        File.Copy(On(Lab.Host1, Iso), On(Lab.Host2, Iso), overwrite: true);
        var result = Session.Run("$report | Start-VmMigration").Single;
        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(2, result.Get("Connections"));
        Assert.Equal(900L, ((System.Collections.IDictionary)result.Get("Options")!)["MaxDowntime"]);
        Array.ForEach([Lab.Host1, Lab.Host2], host => File.Delete(On(host, Iso)));
    }

    [Fact]
    public async Task The_report_holds_what_was_asked_for()
    {
        await using var vm = await StartAsync();
        Session.Set("name", EmptyVm.Name);

        var some = Session.Run("Test-VmMigrationReadiness $name $kvm2 -VmHost $kvm1 -Category Cpu, Machine -SkipCheck cpumodel").Single;
        Assert.True((bool)some.Get("IsReady")!);
        Assert.Equal(["CpuModel"], some.All("Skipped").Select(s => s.BaseObject));
        Assert.All(some.All("Checks"), c => Assert.Contains(c.Text("Category"), (string[])["Cpu", "Machine"]));
        Assert.DoesNotContain(some.All("Checks"), c => string.Equals(c.Text("Id"), "CpuModel", StringComparison.Ordinal));

        // What can't be seen over this connection is an obstacle only where it is asked to be one.
        Assert.Equal(true, Session.Run("Test-VmMigrationReadiness $name $kvm2 -VmHost $kvm1 -Quiet").Single.BaseObject);
        var strict = Session.Run("Test-VmMigrationReadiness $name $kvm2 -VmHost $kvm1 -Strict").Single;
        Assert.False((bool)strict.Get("IsReady")!);
        Assert.All(strict.All("Obstacles"), c => Assert.Equal("NotVerified", c.Text("Status")));
    }

    [Fact]
    public async Task Each_vm_is_checked_against_each_destination_also_where_one_can_t_be_reached()
    {
        await using var vm = await StartAsync();

        var run = Session.Set("name", EmptyVm.Name)
            .Run("Get-Vm $name -VmHost $kvm1 | Test-VmMigrationReadiness -Destination $kvm2, $kvm1, qemu+tcp://no-such-host.invalid/system")
            .AssertNoErrors();

        Assert.Equal(
            [("kvm2", true), ("kvm1", false), ("no-such-host.invalid", false)],
            run.Output.Select(r => (r.Get("Destination")!.ToString()!, (bool)r.Get("IsReady")!)));
        Assert.Equal("SameHost", run.Output[1].All("Obstacles")[0].Text("Id"));
        var obstacles = run.Output[2].All("Obstacles");
        Assert.Equal(["ControlPort", "DaemonAnswers"], obstacles.Select(o => o.Text("Id")));
        Assert.All(obstacles, o => Assert.Contains("no-such-host.invalid", o.Text("Message"), StringComparison.Ordinal));
    }

    [Fact]
    public void A_check_that_is_to_be_skipped_and_is_none_is_warned_of() =>
        Assert.Contains("there is no check 'Cpus'",
            Session.Run("Test-VmMigrationReadiness no-such-* $kvm2 -VmHost $kvm1 -SkipCheck Cpus 3>&1 | ForEach-Object ToString").Single.BaseObject.ToString(),
            StringComparison.Ordinal);
}
