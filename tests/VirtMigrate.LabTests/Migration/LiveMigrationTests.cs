using System.Management.Automation;
using System.Xml.Linq;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Migration;

public sealed class LiveMigrationTests(LabFixture lab) : LabTest(lab)
{
    [Theory]
    [InlineData("tcp")]
    [InlineData("tls")]
    [InlineData("ssh")]
    public async Task A_running_vm_moves_over_each_transport(string transport)
    {
        await using var guest = await Lab.StartGuestAsync($"live-{transport}", "--dirty", "10");

        var result = Session.Set("from", Lab.Host1.Uri(transport)).Set("to", Lab.Host2.Uri(transport)).Set("name", guest.Name)
            .Run("Get-Vm $name -VmHost $from | Start-VmMigration -Destination $to -Live").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal("kvm2", result.Text("Verification.RunsOn"));
        Assert.Equal(1, result.Number("Verification.RunningInstances"));
        Assert.InRange(result.Number("Transferred"), 16L << 20, 4L << 30);
        Assert.True((TimeSpan)result.Get("Duration")! > (TimeSpan)result.Get("Downtime")!);
        await guest.AssertWholeOnAsync(Lab.Host2);
        Assert.Equal("shut off (migrated)", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
        Assert.Equal("running (migrated)", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
    }

    [Fact]
    public async Task The_one_line_moves_every_vm_that_runs_and_names_those_that_do_not()
    {
        await using var one = await Lab.StartGuestAsync("line-1", "--dirty", "5");
        await using var two = await Lab.StartGuestAsync("line-2");
        await using var off = await Lab.StartGuestAsync("line-off", "--off");

        var result = Session.Run("""
            $env:LIBVIRT_DEFAULT_URI = $kvm1
            $env:VIRTMIGRATE_DESTINATION = $kvm2
            try { Get-Vm | Start-VmMigration -Live -Parallel 4 } finally { $env:LIBVIRT_DEFAULT_URI = $env:VIRTMIGRATE_DESTINATION = $null }
            """);

        Assert.Equal(["line-1", "line-2"], result.Output.Select(o => o.Text("Vm")).Order(StringComparer.Ordinal));
        Assert.All(result.Output, o => Assert.Equal("Completed", o.Text("Outcome")));
        result.AssertError("VmNotRunning", ErrorCategory.InvalidOperation, "line-off", "Leave -Live out");
        await one.AssertWholeOnAsync(Lab.Host2);
        await two.AssertWholeOnAsync(Lab.Host2);
        await AssertNotOnAsync(Lab.Host2, off.Name);
    }

    [Fact]
    public async Task Four_connections_are_really_used()
    {
        await using var guest = await Lab.StartGuestAsync("fd4", "--memory", "512", "--dirty", "20", "--working-set", "200");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "300mbit");

        using var running = Session.Set("name", guest.Name)
            .Begin("Get-Vm $name -VmHost $kvm1 | Start-VmMigration -Destination $kvm2 -Live -Parallel 4");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        var account = await guest.QemuAsync(Lab.Host1, "query-migrate");
        var parameters = await guest.QemuAsync(Lab.Host1, "query-migrate-parameters");
        var sockets = await Lab.SocketsAsync(Lab.Host2, "state", "established", "( sport >= :49152 and sport <= :49215 )");
        var result = running.Wait().Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(4, result.Number("Connections"));
        Assert.Equal(4, parameters.GetProperty("multifd-channels").GetInt32());
        Assert.True(account.GetProperty("ram").GetProperty("multifd-bytes").GetInt64() > 0, "QEMU counts no bytes on the extra channels.");

        // One for QEMU's control of the stream, and those for the pages.
        Assert.Equal(result.Number("Connections") + 1, sockets.Count);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_peer_to_peer_migration_is_run_by_the_sources_daemon()
    {
        await using var guest = await Lab.StartGuestAsync("p2p", "--dirty", "5");

        var result = Session.Set("name", guest.Name)
            .Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -PeerToPeer").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Contains("--p2p", result.Text("Command"), StringComparison.Ordinal);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_vm_can_come_back_to_a_host_that_still_defines_it()
    {
        await using var guest = await Lab.StartGuestAsync("back", "--dirty", "5");

        var results = Session.Set("name", guest.Name).Run("""
            Get-Vm $name -VmHost $kvm1 | Start-VmMigration -Destination $kvm2 -Live
            Get-Vm $name -VmHost $kvm2 | Start-VmMigration -Destination $kvm1 -Live
            """).AssertNoErrors();

        Assert.Equal(["kvm2", "kvm1"], results.Output.Select(o => o.Text("Verification.RunsOn")));
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task A_paused_vm_moves_and_stays_paused()
    {
        await using var guest = await Lab.StartGuestAsync("paused");
        await Lab.VirshAsync(Lab.Host1, "suspend", guest.Name);

        var result = Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal("paused (user)", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
        await Lab.VirshAsync(Lab.Host2, "resume", guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task A_vm_with_a_tpm_takes_what_its_tpm_keeps_along()
    {
        await using var guest = await Lab.StartGuestAsync("tpm", AddTpm, "--dirty", "5");
        var uuid = await Lab.VirshAsync(Lab.Host1, "domuuid", guest.Name);
        var before = await ReadStateAsync(Lab.Host1);

        var result = Session.Set("name", guest.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live").Single;

        Assert.Equal("Completed", result.Text("Outcome"));
        Assert.Equal(before, await ReadStateAsync(Lab.Host2));
        await guest.AssertWholeOnAsync(Lab.Host2);

        static void AddTpm(XElement domain) =>
            domain.Element("devices")!.Add(XElement.Parse("<tpm model='tpm-crb'><backend type='emulator' version='2.0'/></tpm>"));

        Task<byte[]> ReadStateAsync(LabHost host) => File.ReadAllBytesAsync(
            $"{host.Root}/var/lib/libvirt/swtpm/{uuid}/tpm2/tpm2-00.permall", TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Ten_vms_move_three_at_a_time()
    {
        LabGuest[] guests = [.. Enumerable.Range(1, 10).Select(i => new LabGuest(Lab, $"ten-{i}"))];
        await using var started = await Change.MakeAsync(
            () => Task.WhenAll(guests.Select(g => Lab.StartGuestAsync(g.Name, "--memory", "192"))),
            [.. guests.Select(g => (Func<Task>)(() => g.DisposeAsync().AsTask()))]);
        await using var limit = await Lab.LimitAsync(Lab.Host1, "400mbit");

        using var running = Session.Begin("Get-Vm 'ten-*' -VmHost $kvm1 | Start-VmMigration -Destination $kvm2 -Live -ThrottleLimit 3");
        var finished = Task.Run(running.Wait, TestContext.Current.CancellationToken);
        var most = 0;
        while (!finished.IsCompleted)
        {
            var incoming = await Lab.VirshAsync(Lab.Host2, "list", "--name", "--state-paused");
            most = Math.Max(most, incoming.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        var result = (await finished).AssertNoErrors();

        Assert.Equal(10, result.Output.Count);
        Assert.All(result.Output, o => Assert.Equal("Completed", o.Text("Outcome")));
        Assert.Equal(3, most);
        foreach (var guest in guests)
        {
            await guest.AssertWholeOnAsync(Lab.Host2);
        }
    }

    [Fact]
    public async Task Progress_is_shown_for_a_vm_that_moves_and_never_runs_backwards()
    {
        await using var guest = await Lab.StartGuestAsync("progress", "--dirty", "15", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "250mbit");

        var result = Session.Set("name", guest.Name).Run("Get-Vm $name -VmHost $kvm1 | Start-VmMigration -Destination $kvm2 -Live");

        result.AssertNoErrors();
        var percents = result.Progress
            .Where(p => p.Activity.Contains(guest.Name, StringComparison.Ordinal) && p.RecordType == ProgressRecordType.Processing)
            .Select(p => p.PercentComplete).Where(p => p >= 0).ToArray();
        Assert.True(percents.Distinct().Count() > 2, $"only {string.Join(' ', percents)}");
        Assert.Equal(percents.Order(), percents);
        Assert.Contains(result.Progress, p => p.RecordType == ProgressRecordType.Completed);
        await guest.AssertWholeOnAsync(Lab.Host2);
    }
}
