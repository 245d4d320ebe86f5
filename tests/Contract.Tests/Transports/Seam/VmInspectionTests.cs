using VirtMigrate.Hosts;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>What libvirt's own library says of VMs, as readiness asks it, is what virsh prints.</summary>
/// <param name="scene">The VMs.</param>
[Collection(nameof(SeamScene))]
public sealed class VmInspectionTests(SeamScene scene)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Images_of_a_vm_that_runs_are_those_of_virsh()
    {
        var host = await OpenAsync();

        // What the guest writes meanwhile makes the image on top grow.
        var before = await StatisticsAsync();
        var seen = (await host.InspectVmsAsync(None))[scene.Running];
        var after = await StatisticsAsync();

        Assert.Equal([$"{SeamScene.Images}/seam.one", $"{SeamScene.Images}/seam.qcow2"], seen.Images.Select(i => i.Path));
        Assert.Equal(0, seen.Images[0].BackingIndex);
        Assert.NotEqual(0, seen.Images[1].BackingIndex);
        Assert.All(seen.Images, (image, i) =>
        {
            Assert.Equal(before[$"block.{i}.capacity"], image.Capacity);
            Assert.InRange(image.Allocation!.Value, before[$"block.{i}.physical"], after[$"block.{i}.physical"]);
        });
        Assert.InRange(seen.ResidentMemory!.Value, 60L << 20, 1L << 30);
        Assert.True(seen.HasSnapshots);
        Assert.False(seen.HasCheckpoints);
        Assert.Equal(1, await host.CountSnapshotsAsync(scene.Running, None));
    }

    [Fact]
    public async Task Images_of_a_vm_that_is_shut_off_are_those_of_virsh()
    {
        var seen = (await (await OpenAsync()).InspectVmsAsync(None))[SeamScene.Off];

        var image = Assert.Single(seen.Images, i => i.Target is "vda");
        var told = await VirshAsync("domblkinfo", "--domain", SeamScene.Off.ToString(), "vda");
        Assert.Contains($"Capacity:       {image.Capacity}", told, StringComparison.Ordinal);
        Assert.Contains($"Allocation:     {image.Allocation}", told, StringComparison.Ordinal);
        Assert.Null(seen.ResidentMemory);
        Assert.Null(seen.DirtyRate);
        Assert.False(seen.HasSnapshots);
    }

    [Fact]
    public async Task Definitions_come_for_the_vms_that_are_there()
    {
        var definitions = await (await OpenAsync()).GetDefinitionsAsync([scene.Running, SeamScene.Off, SeamScene.Nobody], None);

        Assert.Equal(new[] { scene.Running, SeamScene.Off }.Order(), definitions.Keys.Order());
        Assert.All(definitions.Values, d => Assert.Equal(scene.Lab.Emulator, d.Kind.Emulator));
    }

    [Fact]
    public async Task A_dirty_rate_is_shared_by_who_asks_for_the_same_and_who_asks_for_another_waits()
    {
        var host = await OpenAsync();
        Assert.Null((await host.InspectVmsAsync(None))[SeamScene.Transient].DirtyRate);

        var own = MeasureAsync(host, seconds: 3);
        Assert.True(await LabSupport.Lab.WaitForAnswerAsync(
            scene.Lab.Host1, answer => answer.Contains("calc_status=1", StringComparison.Ordinal), "domstats", "seam", "--dirtyrate"));
        DirtyRateReading[] readings = await Task.WhenAll(own, MeasureAsync(host, seconds: 3), MeasureAsync(host, seconds: 1));

        Assert.Equal([3.0, 3.0, 1.0], readings.Select(r => r.Period.TotalSeconds));
        Assert.Equal([true, false, true], readings.Select(r => r.Start is not null));
        Assert.Equal(readings[0].BytesPerSecond, readings[1].BytesPerSecond);
        Assert.True(readings[0].BytesPerSecond > 0);
        Assert.InRange(readings[0].ResidentMemory!.Value, 32L << 20, 1L << 30);
        Assert.Contains($"dirtyrate.megabytes_per_second={readings[2].BytesPerSecond >> 20}", await VirshAsync("domstats", "seam", "--dirtyrate"), StringComparison.Ordinal);
        Assert.Equal(readings[2].BytesPerSecond, (await host.InspectVmsAsync(None))[scene.Running].DirtyRate!.BytesPerSecond);
    }

    [Fact]
    public async Task A_block_job_is_that_of_virsh()
    {
        var host = await OpenAsync();
        Assert.Empty((await host.GetBlockJobsAsync(scene.Running, ["vda"], None))!);
        try
        {
            await VirshAsync("blockcopy", "seam", "vda", $"{SeamScene.Images}/seam.copy", "--transient-job", "--wait");

            var job = Assert.Single((await host.GetBlockJobsAsync(scene.Running, ["vda"], None))!);

            Assert.Equal("vda", job.Target);
            Assert.Contains($"type={job.Operation}\n", await VirshAsync("blockjob", "seam", "vda", "--raw"), StringComparison.Ordinal);

            // The whole disk is copied, and what the guest writes goes on being.
            Assert.True(job.End >= 64 << 20);
            Assert.InRange(job.Position, 64 << 20, job.End);
        }
        finally
        {
            await VirshAsync("blockjob", "seam", "vda", "--abort");
        }
    }

    private Task<IHypervisor> OpenAsync() => scene.OpenAsync($"{TransportCase.Reference.Transport}/{TransportCase.Reference.Way}");

    private Task<DirtyRateReading> MeasureAsync(IHypervisor host, int seconds) =>
        host.MeasureDirtyRateAsync(scene.Running, TimeSpan.FromSeconds(seconds), DirtyRateMode.PageSampling, None);

    private Task<string> VirshAsync(params string[] command) => LabSupport.Lab.VirshAsync(scene.Lab.Host1, command);

    // The figures of virsh domstats about the guest's images.
    private async Task<Dictionary<string, long>> StatisticsAsync() =>
        (await VirshAsync("domstats", "seam", "--block", "--backing")).Split('\n')
            .Select(l => l.Trim().Split('=', 2))
            .Where(p => p.Length == 2 && long.TryParse(p[1], System.Globalization.CultureInfo.InvariantCulture, out _))
            .ToDictionary(p => p[0], p => long.Parse(p[1], System.Globalization.CultureInfo.InvariantCulture), StringComparer.Ordinal);
}
