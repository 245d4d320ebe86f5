using VirtMigrate.Contract;
using VirtMigrate.ContractTests.Transports.Names;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>What a host says over any transport is what libvirt's own library says of it at the same moment.</summary>
/// <param name="scene">The host.</param>
[Collection(nameof(SeamScene))]
public sealed class ReadingTests(SeamScene scene)
{
    private static readonly string Reference = $"{TransportCase.Reference.Transport}/{TransportCase.Reference.Way}";

    /// <summary>Every question over every transport.</summary>
    public static TheoryData<string, string> EveryQuestion => Cross(Questions.All.Keys);

    /// <summary>Every refusal over every transport.</summary>
    public static TheoryData<string, string> EveryRefusal => Cross(Refusals.All.Keys);

    [Theory]
    [MemberData(nameof(EveryQuestion))]
    public async Task A_question_is_answered_alike(string transport, string question)
    {
        var answer = await Alike.AssertAsync(
            await scene.OpenAsync(Reference), await scene.OpenAsync(transport), host => Questions.All[question](host, scene));

        Assert.DoesNotContain("Exception: ", answer[0], StringComparison.Ordinal);
        Assert.Empty(HostileNames.Marks(scene.Lab));
    }

    [Theory]
    [MemberData(nameof(EveryRefusal))]
    public async Task What_is_refused_is_refused_alike(string transport, string refusal) => await Alike.AssertAsync(
        await scene.OpenAsync(Reference), await scene.OpenAsync(transport), async host =>
        {
            await Refusals.All[refusal](host, scene);
            return "not refused";
        });

    [Theory]
    [MemberData(nameof(TransportCases.Each), MemberType = typeof(TransportCases))]
    public async Task A_host_refuses_what_the_contract_says(string transport)
    {
        var host = await scene.OpenAsync(transport);
        await Assert.MultipleAsync([.. HostContract.Refusals.Select(r => (Func<Task>)(() => r.AssertAsync(host, scene.Find(r.Vm))))]);
    }

    [Theory]
    [MemberData(nameof(TransportCases.Each), MemberType = typeof(TransportCases))]
    public async Task A_host_answers_as_the_contract_says(string transport)
    {
        var host = await scene.OpenAsync(transport);
        await Assert.MultipleAsync([.. HostContract.Answers.Values.Select(a => (Func<Task>)(() => a.Assert(host, scene.Find(a.Vm))))]);
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task Memory_that_is_saved_beside_a_definition_is_told(string transport)
    {
        var seen = await (await scene.OpenAsync(transport)).InspectVmsAsync(CancellationToken.None);

        Assert.Equal(SeamScene.Saved, Assert.Single(seen.Values, v => v.HasManagedSave).Vm);
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task A_vm_starts_with_its_host_or_does_not_as_it_is_set(string transport)
    {
        var (host, reference) = (await scene.OpenAsync(transport), await scene.OpenAsync(Reference));
        try
        {
            await host.SetAutostartAsync(SeamScene.Off, isOn: false, CancellationToken.None);
            Assert.False((await reference.FindVmAsync(SeamScene.Off, CancellationToken.None))!.Autostart);
        }
        finally
        {
            await host.SetAutostartAsync(SeamScene.Off, isOn: true, CancellationToken.None);
        }

        Assert.True((await reference.FindVmAsync(SeamScene.Off, CancellationToken.None))!.Autostart);
    }

    [Theory]
    [MemberData(nameof(TransportCases.All), MemberType = typeof(TransportCases))]
    public async Task Memory_that_is_free_is_told_as_it_is(string transport)
    {
        var reference = await scene.OpenAsync(Reference);
        var before = await reference.GetAvailableMemoryAsync(CancellationToken.None);
        var answer = await (await scene.OpenAsync(transport)).GetAvailableMemoryAsync(CancellationToken.None);

        // Between two looks other programs of this machine take and give.
        Assert.InRange(answer, before - (512L << 20), before + (512L << 20));
        var pages = await (await scene.OpenAsync(transport)).GetFreePagesAsync([4096], 1, CancellationToken.None);
        Assert.InRange(Assert.Single(pages).Count * 4096, 1, answer + (512L << 20));
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task A_dirty_rate_is_measured_and_read_by_the_others(string transport)
    {
        var host = await scene.OpenAsync(transport);
        var begun = DateTimeOffset.UtcNow;

        var reading = await host.MeasureDirtyRateAsync(scene.Running, TimeSpan.FromSeconds(1), DirtyRateMode.PageSampling, CancellationToken.None);

        Assert.Equal((TimeSpan.FromSeconds(1), DirtyRateMode.PageSampling), (reading.Period, reading.Mode));
        Assert.InRange(reading.BytesPerSecond, 1, 60L << 20);
        Assert.InRange(reading.Start!.Value, begun - TimeSpan.FromSeconds(2), begun + TimeSpan.FromSeconds(5));
        Assert.InRange(reading.ResidentMemory!.Value, 60L << 20, 1L << 30);
        var seen = await (await scene.OpenAsync(Reference)).InspectVmsAsync(CancellationToken.None);
        Assert.Equal(reading.BytesPerSecond, seen[scene.Running].DirtyRate!.BytesPerSecond);
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task A_block_job_is_told_alike(string transport)
    {
        await LabSupport.Lab.VirshAsync(scene.Lab.Host1, "blockcopy", "seam", "vda", $"{SeamScene.Images}/seam.copy-{TransportCase.Parse(transport).Transport}", "--transient-job", "--bandwidth", "1");
        try
        {
            var answer = await Alike.AssertAsync(
                await scene.OpenAsync(Reference), await scene.OpenAsync(transport),
                async host => (await host.GetBlockJobsAsync(scene.Running, ["vda"], CancellationToken.None))?.Select(j => (j.Target, j.Operation)));
            Assert.Contains("[0].Item2 = Block Copy", answer);
        }
        finally
        {
            await LabSupport.Lab.VirshAsync(scene.Lab.Host1, "blockjob", "seam", "vda", "--abort");
        }
    }

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task A_volume_whose_name_is_in_other_letters_is_told_alike(string transport)
    {
        var path = $"{SeamScene.HostileFolder}/é";
        await scene.Lab.RunAsync("exec", scene.Lab.Host1.Name, "touch", path);
        var trusted = await scene.OpenAsync(Reference);
        Assert.Equal([path], await trusted.ListVolumePathsAsync(SeamScene.HostileThing, refresh: true, CancellationToken.None));

        Assert.Equal([path], await (await scene.OpenAsync(transport)).ListVolumePathsAsync(SeamScene.HostileThing, refresh: true, CancellationToken.None));
        await scene.Lab.RunAsync("exec", scene.Lab.Host1.Name, "rm", path);
        Assert.Empty(await trusted.ListVolumePathsAsync(SeamScene.HostileThing, refresh: true, CancellationToken.None));
    }

    private static TheoryData<string, string> Cross(IEnumerable<string> names)
    {
        var data = new TheoryData<string, string>();
        foreach (var transport in TransportCases.Programs.Select(row => row.Data))
        {
            foreach (var name in names)
            {
                data.Add(transport, name);
            }
        }

        // The same code over another way: one question says whether it gets through.
        foreach (var transport in TransportCases.All.Select(row => row.Data).Where(t => data.All(row => !string.Equals(row.Data.Item1, t, StringComparison.Ordinal))))
        {
            data.Add(transport, names.First());
        }

        return data;
    }
}
