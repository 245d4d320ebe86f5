using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Hosts;

/// <summary>What Get-VmHost and Get-Vm show equals what virsh shows.</summary>
public sealed class VmListingTests(LabFixture lab) : LabTest(lab)
{
    [Theory]
    [InlineData("tcp", false)]
    [InlineData("unix", false)]
    [InlineData("tls", true)]
    [InlineData("ssh", true)]
    public async Task A_host_describes_itself_as_virsh_has_it(string transport, bool isEncrypted)
    {
        var host = Session.Set("uri", Lab.Host1.Uri(transport)).Run("Connect-VmHost $uri").Single;

        Assert.Equal(await Lab.VirshAsync(Lab.Host1, "hostname"), host.Text("Name"));
        var node = await Lab.VirshAsync(Lab.Host1, "nodeinfo");
        Assert.Contains($"CPU(s):              {host.Text("CpuCount")}", node, StringComparison.Ordinal);
        Assert.Contains($"{host.Number("Memory") / 1024} KiB", node, StringComparison.Ordinal);
        Assert.Contains($"QEMU {host.Text("HypervisorVersion")}", await Lab.VirshAsync(Lab.Host1, "version"), StringComparison.Ordinal);
        Assert.Contains($"<uuid>{host.Text("Uuid")}</uuid>", await Lab.VirshAsync(Lab.Host1, "capabilities"), StringComparison.Ordinal);
        Assert.Equal(isEncrypted, host.Get("IsEncrypted"));
        Assert.Equal(true, host.Get("IsConnected"));
    }

    [Fact]
    public async Task A_vm_is_described_as_virsh_has_it_running_and_shut_off()
    {
        await using var running = await Lab.StartGuestAsync("list-on", "--memory", "200", "--vcpus", "2");
        await using var off = await Lab.StartGuestAsync("list-off", "--off");
        await Lab.VirshAsync(Lab.Host1, "autostart", off.Name);

        var vms = Session.Run("Get-Vm 'list-*' -VmHost $kvm1 | Where-Object Name").AssertNoErrors().Output
            .ToDictionary(v => v.Text("Name"), StringComparer.Ordinal);

        foreach (var (name, vm) in vms)
        {
            var info = await Lab.VirshAsync(Lab.Host1, "dominfo", name);
            Assert.Contains($"UUID:           {vm.Text("Uuid")}", info, StringComparison.Ordinal);
            Assert.Contains($"CPU(s):         {vm.Text("VCpuCount")}", info, StringComparison.Ordinal);
            Assert.Contains($"Max memory:     {vm.Number("MaxMemory") / 1024} KiB", info, StringComparison.Ordinal);
            Assert.Contains($"Used memory:    {vm.Number("Memory") / 1024} KiB", info, StringComparison.Ordinal);
            Assert.Contains($"Persistent:     {((bool)vm.Get("IsPersistent")! ? "yes" : "no")}", info, StringComparison.Ordinal);
            Assert.Contains($"Autostart:      {((bool)vm.Get("Autostart")! ? "enable" : "disable")}", info, StringComparison.Ordinal);
            Assert.Equal(await Lab.VirshAsync(Lab.Host1, "domstate", name, "--reason"), vm.Text("Status"));
        }

        Assert.Equal(["list-off", "list-on"], vms.Keys.Order(StringComparer.Ordinal));
        Assert.Null(vms["list-off"].Get("Id"));
    }

    [Fact]
    public async Task Vms_are_found_by_wildcard_state_uuid_and_host()
    {
        await using var running = await Lab.StartGuestAsync("find-on");
        await using var off = await Lab.StartGuestAsync("find-off", "--off");

        var result = Session.Run("""
            $on = Get-Vm find-on -VmHost $kvm1
            [pscustomobject]@{
                ByState = (Get-Vm 'find-*' -State ShutOff -VmHost $kvm1, $kvm2).Name
                ByUuid = (Get-Vm -Uuid $on.Uuid -VmHost $kvm1).Name
                ByHost = @(Get-Vm 'find-*' -VmHost $kvm2).Count
                Nothing = @(Get-Vm 'nothing-*' -VmHost $kvm1).Count
                Host = "$($on.VmHost)"
            }
            """).Single;

        Assert.Equal("find-off", result.Text("ByState"));
        Assert.Equal("find-on", result.Text("ByUuid"));
        Assert.Equal(0, result.Number("ByHost"));
        Assert.Equal(0, result.Number("Nothing"));
        Assert.Equal("kvm1", result.Text("Host"));
    }

    [Fact]
    public async Task A_qemu_that_does_not_answer_does_not_hold_up_the_list_for_good()
    {
        await using var stuck = await Lab.StartGuestAsync("stuck");
        await using var fine = await Lab.StartGuestAsync("fine");
        await Lab.RunAsync("exec", Lab.Host1.Name, "pkill", "-STOP", "-f", "guest=stuck,");
        try
        {
            var names = Session.Run("(Get-Vm -VmHost $kvm1).Name").AssertNoErrors().Output.Select(n => (string)n.BaseObject);

            Assert.Contains("fine", names);
            Assert.Contains("stuck", names);
        }
        finally
        {
            await Lab.RunAsync("exec", Lab.Host1.Name, "pkill", "-CONT", "-f", "guest=stuck,");
        }

        await fine.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public void A_connection_is_kept_and_ended_when_asked()
    {
        var result = Session.Run("""
            $a = Connect-VmHost $kvm1
            $b = Connect-VmHost kvm1
            $before = @(Get-VmHost).Count
            Disconnect-VmHost kvm1
            [pscustomobject]@{ Same = $a.Uri -eq $b.Uri; Before = $before; After = @(Get-VmHost).Count }
            """).Single;

        Assert.Equal(true, result.Get("Same"));
        Assert.Equal(1, result.Number("Before"));
        Assert.Equal(0, result.Number("After"));
    }

    [Fact]
    public async Task A_lost_connection_is_opened_again()
    {
        Session.Run("$null = Connect-VmHost $kvm1").AssertNoErrors();

        await Lab.RestartDaemonAsync(Lab.Host1);

        Session.Run("Get-Vm -VmHost $kvm1; Get-VmHost").AssertNoErrors();
    }
}
