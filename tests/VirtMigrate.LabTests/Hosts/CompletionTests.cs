using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Hosts;

public sealed class CompletionTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task Tab_offers_the_disks_of_the_vm_that_is_named()
    {
        await using var one = await Lab.StartGuestAsync("disks-1", "--off", "--disk", "shared");
        await using var two = await Lab.StartGuestAsync("disks-2", "--off", "--disk", "local");
        foreach (var (guest, target, kind) in new[] { (one, "vdb", "disk"), (one, "sda", "cdrom"), (two, "vdc", "disk") })
        {
            var image = Path.Combine(Lab.Shared, target);
            await Lab.VirshAsync(Lab.Host1, "attach-disk", guest.Name, image, target, "--type", kind, "--config");
        }

        var result = Session.Run("""
            $null = Connect-VmHost $kvm1
            $line = 'Start-VmMigration disks-1 -CopyStorage All -MigrateDisk vda, '
            (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches | ForEach-Object { "$($_.CompletionText) $($_.ToolTip)" }
            """).AssertNoErrors();

        Assert.Equal(
            [$"vda vda: {Lab.Shared}/images/disks-1.raw of disks-1", $"vdb vdb: {Lab.Shared}/vdb of disks-1"],
            result.Output.Select(o => (string)o.BaseObject));
    }

    [Fact]
    public async Task Tab_offers_what_the_others_have_while_a_host_does_not_answer()
    {
        await using var here = await Lab.StartGuestAsync("tab-here", "--off");
        Session.Run("$null = Connect-VmHost $kvm1, $kvm2").AssertNoErrors();

        await SignalDaemonAsync(Lab.Host2, "STOP");
        try
        {
            Assert.Equal(["tab-here: shut off (unknown) on kvm1"], Offered("Get-Vm tab-"));
            Assert.Equal(["tab-here: shut off (unknown) on kvm1"], Offered("Start-VmMigration -VmHost kvm1 -Vm tab-"));
            Assert.Empty(Offered("Get-Vm -VmHost kvm2 -Name tab-"));
        }
        finally
        {
            await SignalDaemonAsync(Lab.Host2, "CONT");
        }
    }

    private string[] Offered(string line) =>
    [
        .. Session.Run($$"""
            $line = '{{line}}'
            (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches | Where-Object ResultType -eq ParameterValue | ForEach-Object ToolTip
            """).AssertNoErrors().Output.Select(o => (string)o.BaseObject),
    ];

    private async Task SignalDaemonAsync(LabHost host, string signal) => await Lab.RunAsync("exec", host.Name, "pkill", "-" + signal, "libvirtd");
}
