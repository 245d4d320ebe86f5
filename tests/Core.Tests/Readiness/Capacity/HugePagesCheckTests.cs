using VirtMigrate.Readiness;
using VirtMigrate.Xml;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Capacity;

public sealed class HugePagesCheckTests
{
    private const long MiB = 1L << 20;
    private readonly ReadinessScene _scene = new();

    public HugePagesCheckTests()
    {
        _scene.Definition = Domain("<hugepages/>");
        _scene.Destination.Capabilities = new HostXml().ToString();
        Free(768);
    }

    [Fact]
    public async Task Ordinary_memory_needs_none()
    {
        _scene.Definition = Domain(string.Empty);

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<HugePagesCheck>()).Status);
    }

    [Theory]
    [InlineData("<hugepages/>")]
    [InlineData("<hugepages><page size='2048' unit='KiB'/></hugepages>")]
    [InlineData("<hugepages><page size='2' unit='MiB' nodeset='0'/></hugepages>")]
    public async Task A_host_with_enough_of_them_passes(string backing)
    {
        _scene.Definition = Domain(backing);

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<HugePagesCheck>()).Status);

        Free(511);

        var check = await _scene.CheckAsync<HugePagesCheck>();
        Assert.Equal((ReadinessStatus.Failed, "unable to map backing store for guest RAM"), (check.Status, check.LibvirtError));
        Assert.Contains("1022 MiB free in such pages", check.Message, StringComparison.Ordinal);
        Assert.Contains("allocpages", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Those_before_it_take_theirs_first()
    {
        var other = _scene.TestVm("other", VmState.Running);
        _scene.Source.Definitions[other.Uuid] = Domain("<hugepages/>");
        _scene.Ahead.Add(other);

        var check = await _scene.CheckAsync<HugePagesCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains("of which VMs that go first take 1 GiB", check.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_of_a_size_that_the_host_does_not_have_fail()
    {
        _scene.Definition = Domain("<hugepages><page size='1' unit='G'/></hugepages>");

        var check = await _scene.CheckAsync<HugePagesCheck>();

        Assert.Equal((ReadinessStatus.Failed, "Unable to find any usable hugetlbfs mount for 1048576 KiB"), (check.Status, check.LibvirtError));
    }

    [Fact]
    public async Task A_host_without_any_fails()
    {
        _scene.Destination.FreePages = [new(0, 4096, 1000)];

        Assert.Equal("hugetlbfs filesystem is not mounted", (await _scene.CheckAsync<HugePagesCheck>()).LibvirtError);
    }

    [Fact]
    public async Task A_host_that_has_reserved_none_may_have_no_file_system_for_them()
    {
        _scene.Destination.Capabilities = new HostXml { HugePages = 0 }.ToString();
        _scene.Destination.FreePages = [new(0, 4096, 1000), new(0, 2 * MiB, 0)];

        var check = await _scene.CheckAsync<HugePagesCheck>();

        Assert.Contains("hugetlbfs filesystem is not mounted", check.LibvirtError, StringComparison.Ordinal);
        Assert.Contains("dev-hugepages.mount", check.Recommendation, StringComparison.Ordinal);
    }

    private static string Domain(string backing) =>
        $"<domain type='kvm'><memory unit='KiB'>1048576</memory><memoryBacking>{backing}</memoryBacking><os><type arch='x86_64'>hvm</type></os>" +
        "<cpu><numa><cell id='0' cpus='0' memory='1048576' unit='KiB'/></numa></cpu></domain>";

    private void Free(long count) => _scene.Destination.FreePages = [new FreePages(0, 4096, 1000), new(0, 2 * MiB, count - 256), new(1, 2 * MiB, 256)];
}
