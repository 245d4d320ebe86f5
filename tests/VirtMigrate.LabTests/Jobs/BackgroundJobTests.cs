using System.Management.Automation;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Jobs;

/// <summary>-AsJob gives jobs that the in-box job cmdlets work with.</summary>
public sealed class BackgroundJobTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task Jobs_are_listed_waited_for_received_and_removed()
    {
        await using var one = await Lab.StartGuestAsync("job-1", "--dirty", "5");
        await using var two = await Lab.StartGuestAsync("job-2");

        var result = Session.Run("""
            $jobs = Get-Vm 'job-?' -VmHost $kvm1 | Start-VmMigration -Destination $kvm2 -Live -AsJob
            $listed = @(Get-Job | Where-Object { $_.Id -in $jobs.Id }).Count
            $done = @($jobs | Wait-Job)
            $received = @($jobs | Receive-Job)
            $jobs | Remove-Job
            [pscustomobject]@{ Count = $jobs.Count; Listed = $listed; States = @($done.State); Received = $received; Left = @(Get-Job).Count; Type = $jobs[0].PSJobTypeName }
            """).Single;

        Assert.Equal(2, result.Number("Count"));
        Assert.Equal(2, result.Number("Listed"));
        Assert.Equal("Completed Completed", string.Join(' ', (object[])result.Get("States")!));
        Assert.Equal(["Completed", "Completed"], ((object[])result.Get("Received")!).Select(r => PSObject.AsPSObject(r).Text("Outcome")));
        Assert.Equal(0, result.Number("Left"));
        await one.AssertWholeOnAsync(Lab.Host2);
        await two.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task The_hosts_of_a_job_are_in_use_from_the_moment_that_it_is_there()
    {
        await using var guest = await Lab.StartGuestAsync("job-at-once", "--dirty", "5");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        Session.Set("name", guest.Name).Run("$job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -AsJob; Disconnect-VmHost $kvm2")
            .AssertError("HostInUse", ErrorCategory.ResourceBusy, guest.Name, "Wait-VmMigrationJob");

        Assert.Equal("Completed", Session.Run("$job | Receive-Job -Wait").Single.Text("Outcome"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_job_that_runs_has_a_chart_of_what_it_has_seen_until_now()
    {
        await using var guest = await Lab.StartGuestAsync("job-chart", "--memory", "192", "--dirty", "5");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "100mbit");

        var result = Session.Set("name", guest.Name).Run("""
            $job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -AsJob
            $until = [DateTime]::UtcNow.AddSeconds(60)
            while (-not $job.Finished.WaitOne(100) -and $job.PercentComplete -lt 20 -and [DateTime]::UtcNow -lt $until) { }
            $now = $job.Samples
            $outcome = ($job | Receive-Job -Wait).Outcome
            [pscustomobject]@{
                Chart = [VirtMigrate.Formatting.SampleChart]::Of($now); Count = $now.Count; Later = $job.Samples.Count; Outcome = $outcome
                End = [VirtMigrate.Formatting.SampleChart]::OfIterations($job.Result.Samples)
            }
            """).Single;

        TestContext.Current.TestOutputHelper?.WriteLine(result.Text("Chart") + "\n" + result.Text("End"));
        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Matches("^.{36}  rate .* MB/s, over .* s\n.{36}  remaining .* MB$", result.Text("Chart"));
        Assert.Matches("^.{36}  rate .* MB/s, over .* s\n.{36}  remaining by iteration .* MB$", result.Text("End"));
        Assert.True(result.Number("Later") > result.Number("Count"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Receive_job_wait_shows_progress_and_gives_the_result()
    {
        await using var guest = await Lab.StartGuestAsync("job-progress", "--dirty", "10", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "250mbit");

        var result = Session.Set("name", guest.Name)
            .Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -AsJob | Receive-Job -Wait -AutoRemoveJob");

        Assert.Equal("Completed", result.Single.Text("Outcome"));
        Assert.Contains(result.Progress, p => p.PercentComplete is > 5 and < 100);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Stop_job_returns_when_the_vm_is_back()
    {
        await using var guest = await Lab.StartGuestAsync("job-stop", "--dirty", "20", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        var session = Session.Set("name", guest.Name);

        session.Run("$job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -AsJob").AssertNoErrors();
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var state = session.Run("Stop-Job $job; $job.State.ToString()").Single;

        Assert.Equal("Stopped", state.BaseObject);
        Assert.StartsWith("running", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name), StringComparison.Ordinal);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task A_migration_that_fails_makes_a_failed_job_with_its_error()
    {
        await using var guest = await Lab.StartGuestAsync("job-fail", "--dirty", "30", "--working-set", "120");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        var result = Session.Set("name", guest.Name).Run("""
            $job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -Timeout 3 -AsJob
            $null = Wait-Job $job
            [pscustomobject]@{ State = "$($job.State)"; Error = $job.Error[0]; Output = $job.Output[0] }
            """).Single;

        Assert.Equal("Failed", result.Text("State"));
        Assert.StartsWith("MigrationTimedOut", result.Text("Error.FullyQualifiedErrorId"), StringComparison.Ordinal);
        Assert.Equal("RolledBack", result.Text("Output.Outcome"));
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task A_job_goes_on_when_its_pipeline_has_ended()
    {
        await using var guest = await Lab.StartGuestAsync("job-on", "--dirty", "5", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "200mbit");
        var session = Session.Set("name", guest.Name);

        var state = session.Run("$job = Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -AsJob; \"$($job.State)\"").Single;
        Assert.True(state.BaseObject is "Running" or "NotStarted", $"{state}");
        var result = session.Run("$job | Wait-Job | Receive-Job").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }
}
