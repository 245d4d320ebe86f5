using System.Globalization;
using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using Xunit;

namespace VirtMigrate.LabTests.Hosts;

/// <summary>What readiness is told of VMs equals what virsh prints.</summary>
public sealed class VmInspectionTests(LabFixture lab) : LabTest(lab)
{
    private const string Folder = "/var/lib/libvirt/images";

    [Fact]
    public async Task Definitions_images_snapshots_and_memory_are_those_of_virsh()
    {
        await using var off = await Lab.StartGuestAsync("inspect-off", "--disk", "local", "--off");
        try
        {
            await Lab.RunAsync("exec", Lab.Host1.Name, "qemu-img", "create", "-q", "-f", "qcow2", $"{Folder}/chain.qcow2", "8M");
            await using var vm = await EmptyVm.StartAsync(Lab, new() { Devices = EmptyVmSetting.Disk($"{Folder}/chain.qcow2", "qcow2") });
            await Lab.VirshAsync(Lab.Host1, "snapshot-create-as", EmptyVm.Name, "one", "--disk-only");
            using var host = new InspectedHost(Session, Lab.Host1);

            var seen = host.Ask("InspectVmsAsync($none)", ".Values").ToDictionary(v => v.Text("Vm"), StringComparer.Ordinal);

            var uuid = await Lab.VirshAsync(Lab.Host1, "domuuid", EmptyVm.Name);
            Assert.Equal(true, seen[uuid].Get("HasSnapshots"));
            Assert.Equal(1, Convert.ToInt32(Assert.Single(host.Ask($"CountSnapshotsAsync('{uuid}', $none)")).BaseObject, CultureInfo.InvariantCulture));
            var images = seen[uuid].All("Images");
            Assert.Equal([$"{Folder}/chain.one", $"{Folder}/chain.qcow2"], images.Select(i => i.Text("Path")));
            Assert.Equal(0, images[0].Number("BackingIndex"));
            Assert.NotEqual(0, images[1].Number("BackingIndex"));
            var statistics = await Lab.VirshAsync(Lab.Host1, "domstats", EmptyVm.Name, "--block", "--backing", "--balloon");
            TestContext.Current.TestOutputHelper?.WriteLine(statistics);
            Assert.All(images, (image, i) =>
            {
                Assert.Contains($"block.{i}.capacity={image.Text("Capacity")}\n", statistics, StringComparison.Ordinal);
                Assert.Contains($"block.{i}.physical={image.Text("Allocation")}", statistics, StringComparison.Ordinal);
            });
            Assert.True(seen[uuid].Number("ResidentMemory") > 1 << 20);

            var offUuid = await Lab.VirshAsync(Lab.Host1, "domuuid", off.Name);
            var offImage = Assert.Single(seen[offUuid].All("Images"));
            var blocks = await Lab.VirshAsync(Lab.Host1, "domblkinfo", off.Name, "vda");
            Assert.Contains($"Capacity:       {offImage.Text("Capacity")}", blocks, StringComparison.Ordinal);
            Assert.Contains($"Allocation:     {offImage.Text("Allocation")}", blocks, StringComparison.Ordinal);
            Assert.Null(seen[offUuid].Get("ResidentMemory"));
            Assert.Equal(false, seen[offUuid].Get("HasSnapshots"));

            Session.Set("uuids", new[] { Guid.Parse(uuid), Guid.Parse(offUuid), Guid.NewGuid() });
            var definitions = host.Ask("GetDefinitionsAsync($uuids, $none)", ".GetEnumerator()");
            Assert.Equal(new[] { offUuid, uuid }.Order(StringComparer.Ordinal), definitions.Select(d => d.Text("Key")).Order(StringComparer.Ordinal));
            Assert.All(definitions, d => Assert.Equal(Lab.Emulator, d.Text("Value.Kind.Emulator")));
        }
        finally
        {
            await Lab.RunAsync("exec", Lab.Host1.Name, "sh", "-c", $"rm -f {Folder}/chain.*");
        }
    }

    [Fact]
    public async Task Dirty_rates_block_jobs_and_checkpoints_are_those_of_virsh()
    {
        await using var guest = await Lab.StartGuestAsync("inspect", "--dirty", "20", "--disk", "local", "--disk-format", "qcow2");
        var uuid = await Lab.VirshAsync(Lab.Host1, "domuuid", guest.Name);
        using var host = new InspectedHost(Session, Lab.Host1);
        Assert.Null(Seen(host, uuid).Get("DirtyRate"));

        // Whoever asks for the same while a measurement goes on shares it; who asks for something else waits his turn.
        Session.Set("uuid", Guid.Parse(uuid));
        var readings = Session.Run("""
            $own = $asked.MeasureDirtyRateAsync($uuid, [timespan]'0:0:2', 'PageSampling', $none)
            [Threading.Thread]::Sleep(500)
            $others = $asked.MeasureDirtyRateAsync($uuid, [timespan]'0:0:2', 'PageSampling', $none)
            $shorter = $asked.MeasureDirtyRateAsync($uuid, [timespan]'0:0:1', 'PageSampling', $none)
            $own.GetAwaiter().GetResult(); $others.GetAwaiter().GetResult(); $shorter.GetAwaiter().GetResult()
            """).AssertNoErrors().Output;

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", readings));
        Assert.Equal([2.0, 2.0, 1.0], readings.Select(r => ((TimeSpan)r.Get("Period")!).TotalSeconds));
        Assert.Equal([true, false, true], readings.Select(r => r.Get("Start") is not null));
        Assert.Equal(readings[0].Get("BytesPerSecond"), readings[1].Get("BytesPerSecond"));
        Assert.True(readings[0].Number("BytesPerSecond") > 0);
        Assert.InRange(readings[0].Number("ResidentMemory"), 32 << 20, 1L << 30);
        var statistics = await Lab.VirshAsync(Lab.Host1, "domstats", guest.Name, "--dirtyrate");
        TestContext.Current.TestOutputHelper?.WriteLine(statistics);
        Assert.Contains($"dirtyrate.megabytes_per_second={readings[2].Number("BytesPerSecond") >> 20}", statistics, StringComparison.Ordinal);
        Assert.Equal(readings[2].Number("BytesPerSecond"), Seen(host, uuid).Number("DirtyRate.BytesPerSecond"));

        Assert.Empty(BlockJobs(host));
        try
        {
            await Lab.VirshAsync(Lab.Host1, "blockcopy", guest.Name, "vda", $"{Folder}/copy.qcow2", "--transient-job", "--wait");
            var job = Assert.Single(BlockJobs(host));
            Assert.Equal("vda", job.Text("Target"));
            var told = await Lab.VirshAsync(Lab.Host1, "blockjob", guest.Name, "vda", "--raw");
            Assert.Contains($"type={job.Text("Operation")}\n", told, StringComparison.Ordinal);

            // The whole disk is copied, and what the guest writes goes on being.
            Assert.True(job.Number("End") >= 64 << 20);
            Assert.InRange(job.Number("Position"), 64 << 20, job.Number("End"));
        }
        finally
        {
            await Lab.VirshAsync(Lab.Host1, "blockjob", guest.Name, "vda", "--abort");
            await Lab.RunAsync("exec", Lab.Host1.Name, "rm", "-f", $"{Folder}/copy.qcow2");
        }

        Assert.Equal(false, Seen(host, uuid).Get("HasCheckpoints"));
        Assert.Contains("created", await Lab.VirshAsync(Lab.Host1, "checkpoint-create-as", guest.Name, "one"), StringComparison.Ordinal);
        Assert.Equal(true, Seen(host, uuid).Get("HasCheckpoints"));
        Assert.Contains("deleted", await Lab.VirshAsync(Lab.Host1, "checkpoint-delete", guest.Name, "one"), StringComparison.Ordinal);
    }

    private static IReadOnlyList<PSObject> BlockJobs(InspectedHost host) => host.Ask("GetBlockJobsAsync($uuid, [string[]]'vda', $none)");

    private static PSObject Seen(InspectedHost host, string uuid) =>
        Assert.Single(host.Ask("InspectVmsAsync($none)", ".Values"), v => string.Equals(v.Text("Vm"), uuid, StringComparison.Ordinal));
}
