using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Estimates;

/// <summary>What completed migrations achieved, for estimates of later ones.</summary>
public sealed class AchievedBandwidthTests(LabFixture lab) : LabTest(lab)
{
    [Fact]
    public async Task Each_migration_of_the_session_is_kept_and_found_by_its_hosts()
    {
        await using var guest = await Lab.StartGuestAsync("achieved", "--memory", "192", "--dirty", "2", "--working-set", "32", "--disk", "local");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "400mbit");

        var results = Session.Set("name", guest.Name).Run("""
            Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live -CopyStorage All
            Start-VmMigration $name -VmHost $kvm2 -Destination $kvm1 -Live -CopyStorage All -AssumeSeparateStorage -Confirm:$false -Bandwidth 20MB -AsJob | Wait-Job | Receive-Job
            """).AssertNoErrors().Output;
        var (there, back) = (Session.Run("Get-VmMigrationBandwidth -Source kvm1").Single, Session.Run("Get-VmMigrationBandwidth * $kvm1").Single);

        Assert.Equal(2, results.Count);
        Assert.Equal(2, Session.Run("Get-VmMigrationBandwidth").AssertNoErrors().Output.Count);
        Assert.Empty(Session.Run("Get-VmMigrationBandwidth -Source kvm3*").AssertNoErrors().Output);

        // 400 Mbit/s are 46 MiB/s, which a busy machine does not fill. Libvirt's own figures of the whole job count the disk's time, but not its bytes.
        Assert.Equal(("kvm1", "kvm2", "False"), (there.Text("Source"), there.Text("Destination"), there.Text("IsLimited")));
        Assert.InRange(there.Number("BytesPerSecond"), results[0].Number("Throughput") + 1, 60L << 20);
        Assert.Equal(("kvm2", "kvm1", "True"), (back.Text("Source"), back.Text("Destination"), back.Text("IsLimited")));
        Assert.InRange(back.Number("BytesPerSecond"), 1L << 20, 22L << 20);
        Assert.Equal(20L << 20, back.Number("Limit"));
        await guest.AssertWholeOnAsync(Lab.Host1);
    }
}
