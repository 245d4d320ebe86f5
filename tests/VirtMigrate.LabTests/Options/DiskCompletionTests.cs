using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Options;

public sealed class DiskCompletionTests(LabFixture lab) : LabTest(lab)
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
}
