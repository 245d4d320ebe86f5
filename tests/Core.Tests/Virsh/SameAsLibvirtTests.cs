using VirtMigrate.Hosts;
using VirtMigrate.Libvirt;
using VirtMigrate.Virsh;
using VirtMigrate.Xml;
using Xunit;

namespace VirtMigrate.Tests.Virsh;

/// <summary>What virsh is asked for comes to what libvirt's C API gives, for the same host of libvirt's test driver.</summary>
public sealed class SameAsLibvirtTests : IAsyncLifetime
{
    private readonly TestNode _node = new();
    private IHypervisor _libvirt = null!;
    private TestVirsh _virsh = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private VirshVmReader Vms => new(_virsh, _libvirt.Host);

    private VirshStorageReader Storage => new(_virsh);

    public async ValueTask InitializeAsync()
    {
        _virsh = new(_node.Uri);
        _libvirt = await new LibvirtTransport().OpenAsync(HostAddress.Parse(_node.Uri), credential: null, Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _libvirt.DisposeAsync();
        _node.Dispose();
    }

    [Fact]
    public async Task All_vms_are_the_same()
    {
        var vms = await Vms.ListAsync(Stop);

        Assert.Equal(Sort(await _libvirt.ListVmsAsync(Stop)), Sort(vms));
        Assert.Equal(TestNode.Names.Order(StringComparer.Ordinal), vms.Select(v => v.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_vm_is_found_by_its_name_and_by_its_uuid()
    {
        foreach (var (name, number) in TestNode.Names.Select((n, i) => (n, i)))
        {
            var uuid = Guid.Parse(TestNode.Uuid(number));
            var expected = await _libvirt.FindVmAsync(uuid, Stop);
            Assert.NotNull(expected);
            Assert.Equal(expected, await Vms.FindAsync(uuid, Stop));
            Assert.Equal(expected, await Vms.FindAsync(name, Stop));
            Assert.Equal(expected, await _libvirt.FindVmAsync(name, Stop));
        }
    }

    [Theory]
    [InlineData("web ")]
    [InlineData("two  spaces")]
    [InlineData("WEB")]
    [InlineData("1")]
    [InlineData("")]
    [InlineData("web\nweb")]
    public async Task A_name_that_no_vm_has_finds_none(string name)
    {
        Assert.Null(await Vms.FindAsync(name, Stop));
        Assert.DoesNotContain(_virsh.Commands, c => c.Contains(name));
    }

    [Fact]
    public async Task A_uuid_that_no_vm_has_finds_none_even_where_it_is_a_name()
    {
        using var node = new TestNode(names: [TestNode.Uuid(77)]);
        var virsh = new TestVirsh(node.Uri);
        var uuid = Guid.Parse(TestNode.Uuid(77));

        Assert.Null(await new VirshVmReader(virsh, _libvirt.Host).FindAsync(uuid, Stop));
        await Assert.ThrowsAsync<VmNotFoundException>(() => new VirshVmInspector(virsh).ReadDefinitionAsync(uuid, Stop));
        Assert.Empty(await new VirshVmInspector(virsh).ReadDefinitionsAsync([uuid], Stop));
    }

    [Fact]
    public async Task Definitions_are_the_same_to_the_letter()
    {
        var inspector = new VirshVmInspector(_virsh);
        Guid[] uuids = [.. TestNode.Names.Select((_, i) => Guid.Parse(TestNode.Uuid(i)))];

        var definitions = await inspector.ReadDefinitionsAsync([.. uuids, Guid.NewGuid()], Stop);

        Assert.Equal((await _libvirt.GetDefinitionsAsync(uuids, Stop)).Keys.Order(), definitions.Keys.Order());
        foreach (var uuid in uuids)
        {
            Assert.Equal(await _libvirt.GetDefinitionAsync(uuid, Stop), await inspector.ReadDefinitionAsync(uuid, Stop));
        }
    }

    [Fact]
    public async Task What_is_seen_of_vms_is_the_same()
    {
        var seen = await new VirshVmInspector(_virsh).InspectAsync(Stop);

        var expected = await _libvirt.InspectVmsAsync(Stop);
        Assert.Equal(expected.Keys.Order(), seen.Keys.Order());
        foreach (var (vm, inspection) in expected)
        {
            Assert.Equivalent(inspection, seen[vm], strict: true);
        }

        Assert.Equal(Guid.Parse(TestNode.Uuid(0)), Assert.Single(seen.Values, v => v.HasSnapshots).Vm);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Snapshots_are_counted(int vm, int expected)
    {
        var uuid = Guid.Parse(TestNode.Uuid(vm));
        Assert.Equal(expected, await _libvirt.CountSnapshotsAsync(uuid, Stop));
        Assert.Equal(expected, await new VirshVmInspector(_virsh).CountSnapshotsAsync(uuid, Stop));
    }

    [Fact]
    public async Task Networks_are_the_same() => Assert.Equal(
        (await _libvirt.ListNetworksAsync(Stop)).OrderBy(n => n.Name, StringComparer.Ordinal),
        (await new VirshNetworkReader(_virsh).ListNetworksAsync(Stop)).OrderBy(n => n.Name, StringComparer.Ordinal));

    [Fact]
    public async Task Interfaces_are_the_same()
    {
        var interfaces = await new VirshNetworkReader(_virsh).ListInterfacesAsync(Stop);

        Assert.Equal(await _libvirt.ListInterfacesAsync(Stop), interfaces);
        Assert.Equal([new("eth0.17", null, null), new HostInterface("eth1", null, 9000), new("tun0", null, null)], interfaces);
    }

    [Fact]
    public async Task Pools_are_the_same() => Assert.Equal(
        (await _libvirt.ListStoragePoolsAsync(Stop)).OrderBy(p => p.Name, StringComparer.Ordinal),
        (await Storage.ListPoolsAsync(Stop)).OrderBy(p => p.Name, StringComparer.Ordinal));

    [Theory]
    [InlineData("shared   pool")]
    [InlineData("--a name of more than twenty characters")]
    [InlineData("000001f4-1111-4222-8333-444444444444")]
    public async Task Volumes_are_the_same(string pool)
    {
        var paths = await Storage.ListVolumePathsAsync(pool, refresh: true, Stop);

        Assert.Equal(
            (await _libvirt.ListVolumePathsAsync(pool, refresh: true, Stop)).Order(StringComparer.Ordinal), paths.Order(StringComparer.Ordinal));
        foreach (var path in paths)
        {
            Assert.Equal(await _libvirt.FindVolumeAsync(path, Stop), await Storage.FindAsync(path, Stop));
        }
    }

    [Fact]
    public async Task A_volume_that_is_not_there_is_null() => Assert.Null(await Storage.FindAsync("/vms/nothing", Stop));

    [Fact]
    public async Task A_pool_that_is_not_there_is_the_same_error()
    {
        var expected = await Assert.ThrowsAsync<HypervisorException>(() => _libvirt.ListVolumePathsAsync("shared", refresh: false, Stop));
        var actual = await Assert.ThrowsAsync<HypervisorException>(() => Storage.ListVolumePathsAsync("shared", refresh: false, Stop));
        Assert.Equal((expected.Error!.Code, expected.Message), (actual.Error!.Code, actual.Message));
    }

    [Fact]
    public async Task Capabilities_and_free_pages_are_the_same()
    {
        // This one has NUMA cells. It makes a cell's figures up by the place that the cell has in the question; virsh asks cell by cell.
        const string Uri = "test:///default";
        await using var libvirt = await new LibvirtTransport().OpenAsync(HostAddress.Parse(Uri), credential: null, Stop);
        var info = new VirshHostReader(new TestVirsh(Uri));
        var capabilities = await info.ReadCapabilitiesAsync(Stop);

        Assert.Equivalent(await libvirt.GetCapabilitiesAsync(Stop), capabilities);
        var pages = await info.ReadFreePagesAsync(capabilities.PageSizes, capabilities.CellCount, Stop);
        var expected = await libvirt.GetFreePagesAsync(capabilities.PageSizes, capabilities.CellCount, Stop);
        Assert.Equal(expected.Where(p => p.Cell == 0), pages.Where(p => p.Cell == 0));
        Assert.Equal(expected.Select(p => (p.Cell, p.Size)), pages.Select(p => (p.Cell, p.Size)));
    }

    [Fact]
    public async Task What_the_driver_cannot_be_asked_is_the_same_error()
    {
        var kind = new GuestKind(Emulator: null, "x86_64", Machine: null, "kvm");
        var info = new VirshHostReader(_virsh);
        var vm = Guid.Parse(TestNode.Uuid(0));

        await AssertSameAsync(() => _libvirt.GetAvailableMemoryAsync(Stop), () => info.ReadAvailableMemoryAsync(Stop));
        await AssertSameAsync(() => _libvirt.CompareCpuAsync(kind, "<cpu/>", Stop), () => info.CompareCpuAsync(kind, "<cpu/>", Stop));
        await AssertSameAsync(() => _libvirt.GetDomainCapabilitiesAsync(kind, Stop), () => info.ReadDomainCapabilitiesAsync(kind, Stop));
        await AssertSameAsync(() => _libvirt.ListSecretsAsync(Stop), () => info.ListSecretsAsync(Stop));
        await AssertSameAsync(() => _libvirt.GetBlockJobsAsync(vm, ["vda"], Stop), () => new VirshJobs(_virsh).ReadBlockJobsAsync(vm, ["vda"], Stop));
    }

    [Fact]
    public async Task A_thousand_vms_take_a_handful_of_processes()
    {
        using var node = new TestNode(moreVms: 1000);
        var virsh = new TestVirsh(node.Uri);
        await using var libvirt = await new LibvirtTransport().OpenAsync(HostAddress.Parse(node.Uri), credential: null, Stop);

        var vms = await new VirshVmReader(virsh, libvirt.Host).ListAsync(Stop);

        Assert.Equal(Sort(await libvirt.ListVmsAsync(Stop)), Sort(vms));
        Assert.InRange(virsh.Runs, 1, 8);
    }

    private static async Task AssertSameAsync<T>(Func<Task<T>> libvirt, Func<Task<T>> virsh)
    {
        var expected = await Assert.ThrowsAsync<HypervisorNotSupportedException>(libvirt);
        var actual = await Assert.ThrowsAsync<HypervisorNotSupportedException>(virsh);
        Assert.Equal(expected.Error?.Code, actual.Error?.Code);

        // Each names the function that is missing, of which virsh tries several.
        Assert.Equal(expected.Message.Split(':')[0], actual.Message.Split(':')[0]);
    }

    private static IEnumerable<Vm> Sort(IEnumerable<Vm> vms) => vms.OrderBy(v => v.Uuid);
}
