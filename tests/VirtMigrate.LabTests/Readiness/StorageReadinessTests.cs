using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Readiness;

/// <summary>What the checks see of disks, and that libvirt sees it so too.</summary>
public sealed class StorageReadinessTests(LabFixture lab) : FailureTest(lab)
{
    private const string Image = Images + "/empty.raw";
    private const string Overlay = Images + "/empty.over";
    private const string Base = Images + "/empty.base";

    private string Shared => Path.Combine(Lab.Shared, "images", "empty.qcow2");

    [Fact]
    public async Task Shared_storage_is_seen_by_the_hosts_themselves_and_a_disk_there_is_not_copied()
    {
        await Lab.RunAsync("exec", Lab.Host1.Name, "qemu-img", "create", "-q", "-f", "qcow2", Shared, "8M");
        await using var vm = await StartAsync(EmptyVmSetting.Disk(Shared, "qcow2").Replace("\"none\"", "\"writeback\"", StringComparison.Ordinal));
        Assert.Contains("created", await Lab.VirshAsync(Lab.Host1, "checkpoint-create-as", EmptyVm.Name, "one"), StringComparison.Ordinal);
        AssertSees("SharedStorage", status: "NotVerified");
        AssertSees("DiskImages", status: "NotVerified");
        UseShells();

        Assert.Contains(AssertSees("SharedStorage").All("Evidence"), e => e.Text("Value").EndsWith("is on nfs", StringComparison.Ordinal));
        AssertSees("DiskImages");
        AssertSees("CacheModes", status: "Warning");
        AssertSees("Checkpoints", status: "Warning");
        AssertForetold("CopyIntoItself", "-CopyStorage All -Category Storage");
        AssertMoves();
    }

    [Fact]
    public async Task A_local_disk_by_the_hosts_own_word()
    {
        Sparse(On(Lab.Host1, Image));
        File.Delete(On(Lab.Host2, Image));
        await using var vm = await StartAsync(EmptyVmSetting.Disk(Image));
        await using var change = await ChangeAsync(Lab.Host2, "virsh -q pool-destroy default", "virsh -q pool-start default || true");
        AssertSees("CopyPools", "-CopyStorage All", "NotVerified");
        UseShells();

        AssertRefused("SharedStorage");
        AssertRefused("DiskImages", "-Unsafe -Confirm:$false");
        Assert.Contains("pool-start default", AssertRefused("CopyPools", "-CopyStorage All").Text("Recommendation"), StringComparison.Ordinal);
        Assert.Contains("started", await Lab.VirshAsync(Lab.Host2, "pool-start", "default"), StringComparison.Ordinal);
        AssertSees("CopyPools", "-CopyStorage All");
        AssertSees("SharedStorage", "-CopyStorage All");
        AssertMoves("-CopyStorage All");
    }

    [Fact]
    public async Task An_image_behind_a_copied_one()
    {
        const string Make = $"rm -f {Images}/empty.*; qemu-img create -q -f qcow2 {Base} 8M; qemu-img create -q -f qcow2 -b {Base} -F qcow2 {Overlay}";
        await using var here = await ChangeAsync(Lab.Host1, Make, $"rm -f {Images}/empty.*");
        await using var there = await ChangeAsync(Lab.Host2, $"{Make}; rm {Base}", $"rm -f {Images}/empty.*");
        await using var vm = await StartAsync(EmptyVmSetting.Disk(Overlay, "qcow2"));

        AssertRefused("DiskImages", "-CopyStorage Incremental -AssumeSeparateStorage -Confirm:$false");
        await Lab.RunAsync("exec", Lab.Host2.Name, "rm", Overlay);
        AssertSees("DiskImages", "-CopyStorage All", "Warning");
        AssertMoves("-CopyStorage All");
    }

    // By ssh, the checks of ports and paths take their time.
    private PSObject AssertSees(string check, string options = "", string status = "Passed") =>
        AssertPasses(check, $"{options} -Category Storage", status);

    private static void Sparse(string file)
    {
        using var image = File.Create(file);
        image.SetLength(8 << 20);
    }

    private void UseShells() => Session.Set("kvm1", Lab.Host1.Ssh).Set("kvm2", Lab.Host2.Ssh);

    /// <summary>Asserts that a check finds an obstacle, and that libvirt refuses the migration in the words that were promised.</summary>
    private PSObject AssertRefused(string check, string options = "")
    {
        var foretold = AssertForetold(check, $"{options} -Category Storage");
        var run = Session.Run($"Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 {options} -SkipCheck All");
        Assert.Equal("RolledBack", run.Output[0].Text("Outcome"));
        Assert.Contains(foretold.Text("LibvirtError"), string.Join('\n', run.Errors), StringComparison.Ordinal);
        return foretold;
    }

    /// <summary>Asserts that nothing is found against the migration, and that it goes well.</summary>
    private void AssertMoves(string options = "")
    {
        var report = Session.Run($"Test-VmMigrationReadiness $name -VmHost $kvm1 -Destination $kvm2 {options} -Category Storage, Devices").Single;
        Assert.True((bool)report.Get("IsReady")!, string.Join('\n', report.All("Obstacles")));
        Session.Set("kvm1", Lab.Host1.Tcp).Set("kvm2", Lab.Host2.Tcp);
        Assert.Equal("Completed", Session.Run($"Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 {options}").Single.Text("Outcome"));
    }
}
