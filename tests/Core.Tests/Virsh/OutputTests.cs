using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Virsh;

/// <summary>What virsh's output is read as, and what of it is refused.</summary>
public sealed class OutputTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void Statistics_tell_a_vms_images_memory_and_dirty_rate()
    {
        var record = VirshStatistics.Parse(OutputSamples.Read("domstats-block.txt"))[0];

        var seen = VmInspection.Read(Guid.Empty, record.Values, isActive: true);

        Assert.Equal("web", record.Name);
        Assert.Equal([new("vda", 0, "/var/tmp/virtmigrate-lab/6/shared/images/web.qcow2", 67108864, 1781760)], seen.Images);
        Assert.Equal(231876 * 1024, seen.ResidentMemory);
        Assert.Equal((6 * MiB, TimeSpan.FromSeconds(1), DirtyRateMode.PageSampling),
            (seen.DirtyRate!.BytesPerSecond, seen.DirtyRate.Period, seen.DirtyRate.Mode));
    }

    [Fact]
    public void A_vm_is_described()
    {
        var vm = VirshVmReader.ParseSummary(OutputSamples.Read("dominfo.txt"));
        Assert.Equal(new(Guid.Parse("e93f0b02-3000-4352-89b2-6accbfb0bc8a"), 1, "web", 1, 256 * MiB, 256 * MiB, IsPersistent: true, Autostart: false), vm);
    }

    [Fact]
    public void Memory_that_can_be_had_at_once_is_what_is_free_or_only_cached() =>
        Assert.Equal((21827024L + 20120 + 1155432) * 1024, VirshHostReader.ParseAvailableMemory(OutputSamples.Read("nodememstats.txt")));

    [Theory]
    [InlineData("yes", 1L)]
    [InlineData("no", 0L)]
    [InlineData("-1", -1L)]
    [InlineData("18446744073709551615", long.MaxValue)]
    [InlineData("0.500000", null)]
    [InlineData(" 1", null)]
    [InlineData("", null)]
    public void A_statistic_is_a_number_where_libvirt_has_one(string text, long? expected) =>
        Assert.Equal(new TypedParameter("a", expected, text), VirshOutput.Parameter("a", text));

    [Theory]
    [InlineData("block.0.path=/a\nb.img")]
    [InlineData("block.0.path=/a\n")]
    [InlineData("block.0.path=/a\n\nDomain: 'web'\n  state.state=5")]
    [InlineData("block.0.path=/a\n\nDomain: 'x'\n  state.state=5\nDomain: 'y'")]
    [InlineData("block.0.path=/a\n  block.0.name=vdb")]
    [InlineData("block.0.path=/a\n  dirtyrate.calc_status=2\n  block.0.capacity=5")]
    [InlineData("block.0.path=/a\n  no value")]
    [InlineData("block.0.path=/a\n  =5")]
    [InlineData("block.0.path=/a\n block.0.capacity=5")]
    public void Lines_that_a_path_brings_with_it_are_refused(string lines) => Assert.Throws<VirshOutputException>(
        () => VirshStatistics.Parse($"Domain: 'web'\n  state.state=1\n  block.count=1\n  block.0.name=vda\n  {lines}\n"));

    [Fact]
    public void A_path_may_have_everything_else_in_it()
    {
        const string Path = "/a=b 'c' é\r\t\\n";
        var record = Assert.Single(VirshStatistics.Parse($"Domain: 'it's'\n  block.0.name=vda\n  block.0.path={Path}\n"));
        Assert.Equal(("it's", Path), (record.Name, record.Values.FindText("block.0.path")));
    }

    [Theory]
    [InlineData("\\x5cx41", "\\x41")]
    [InlineData("a\\x0ab", "a\nb")]
    [InlineData("\\xc3\\xa9", "é")]
    [InlineData("\\n", "\\n")]
    [InlineData("書\\x09☃", "書\t☃")]
    public void A_cell_is_what_was_put_into_it(string cell, string expected) => Assert.Equal(expected, VirshOutput.Cell(cell));

    [Theory]
    [InlineData("w\\xff\\xff")]
    [InlineData("\\x4")]
    [InlineData("\\x")]
    [InlineData("\\x4g")]
    public void A_cell_that_has_lost_something_is_refused(string cell) =>
        Assert.Equal(cell, Assert.Throws<VirshOutputException>(() => VirshOutput.Cell(cell)).Text);

    [Theory]
    [InlineData(" img   pool/img\n", "pool/img")]
    [InlineData(" a   b     /p/a   b\n", "/p/a   b")]
    [InlineData(" unit:0:0:1   /dev/disk/by-path/ip-10.0.0.1-lun-1\n", "/dev/disk/by-path/ip-10.0.0.1-lun-1")]
    public void A_path_is_told_from_the_name_before_it(string text, string expected) =>
        Assert.Equal([expected], VirshStorageReader.ParsePaths(text));

    [Fact]
    public void A_volume_that_went_while_it_was_listed_has_no_path() => Assert.Empty(VirshStorageReader.ParsePaths(" gone   unknown\n"));

    [Theory]
    [InlineData(" a   b   c\n")]
    [InlineData(" a  /b\n")]
    [InlineData("a   /a\n")]
    [InlineData(" a   /a")]
    [InlineData("\n")]
    public void A_path_that_cannot_be_told_is_refused(string text) => Assert.Throws<VirshOutputException>(() => VirshStorageReader.ParsePaths(text));

    [Theory]
    [InlineData("a", "a                   \n", true)]
    [InlineData("a ", "b                   \n", false)]
    [InlineData("é", "é                  \n", true)]
    [InlineData("more than twenty characters", "more than twenty characters\n", true)]
    [InlineData("more than twenty characters ", "more than twenty characters\n", false)]
    public void A_pool_is_found_by_its_whole_name(string name, string line, bool expected) =>
        Assert.Equal(expected, VirshStorageReader.FindPool("56f20260-e869-4458-8076-fa6e7fc6c252 " + line, name) is not null);

    [Theory]
    [InlineData("ok\n", true)]
    [InlineData("occupied (0.001s)\n", false)]
    [InlineData("background job (31.017s)\n", false)]
    [InlineData("error: monitor failure\n", false)]
    public void A_vms_lock_is_free_or_held(string text, bool expected) => Assert.Equal(expected, VirshJobs.ParseIsFree(text));

    [Theory]
    [InlineData("Id:             -\nName:           web\n")]
    [InlineData("")]
    public void A_description_that_ends_early_is_refused(string text) => Assert.Throws<VirshOutputException>(() => VirshVmReader.ParseSummary(text));
}
