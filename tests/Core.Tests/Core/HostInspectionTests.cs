using VirtMigrate.Hosts;
using VirtMigrate.Libvirt;
using VirtMigrate.Tests.Virsh;
using VirtMigrate.Xml;
using Xunit;

namespace VirtMigrate.Tests.Core;

/// <summary>What is asked of a host, asked of libvirt's own test driver, which needs none. The lab's tests compare with real hosts.</summary>
public sealed class HostInspectionTests
{
    public HostInspectionTests() => LibvirtTools.Require();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Definitions_come_for_the_vms_that_are_there_and_wanted()
    {
        await using var host = await OpenAsync();
        var vm = Assert.Single(await host.ListVmsAsync(Stop));

        var definition = Assert.Single(await host.GetDefinitionsAsync([vm.Uuid, Guid.NewGuid()], Stop));

        Assert.Equal(vm.Uuid, definition.Key);
        Assert.Equal("test", definition.Value.DomainType);
        Assert.Empty(await host.GetDefinitionsAsync([], Stop));
    }

    [Fact]
    public async Task What_the_driver_does_not_tell_of_a_vm_is_unknown()
    {
        await using var host = await OpenAsync();
        var vm = Assert.Single(await host.ListVmsAsync(Stop));

        var seen = Assert.Single(await host.InspectVmsAsync(Stop)).Value;

        Assert.Equal(vm.Uuid, seen.Vm);
        Assert.False(seen.HasSnapshots);
        Assert.False(seen.HasCheckpoints);
        Assert.Empty(seen.Images);
        Assert.Null(seen.ResidentMemory);
        Assert.Null(seen.DirtyRate);
        Assert.Equal(0, await host.CountSnapshotsAsync(vm.Uuid, Stop));
    }

    [Fact]
    public async Task Without_monitors_every_vm_is_there_all_the_same()
    {
        var address = HostAddress.Parse("test:///default");
        await using var host = await OpenAsync();
        using var connection = LibvirtConnector.Open(address, credential: null);
        using var domains = new LibvirtDomains(connection, address);

        var seen = new LibvirtVmInspector(connection, address, domains).Inspect(withMonitors: false);

        Assert.Equal((await host.InspectVmsAsync(Stop)).Keys, seen.Keys);
    }

    [Fact]
    public async Task Networks_interfaces_and_pools_are_described()
    {
        await using var host = await OpenAsync();

        Assert.Equal(new HostNetwork("default", IsActive: true, "virbr0", Mtu: null), Assert.Single(await host.ListNetworksAsync(Stop)));
        Assert.Contains(new HostInterface("eth1", LinkSpeed: null, Mtu: 1492), await host.ListInterfacesAsync(Stop));
        var pool = Assert.Single(await host.ListStoragePoolsAsync(Stop));
        Assert.Equal(("default-pool", "dir", true, "/default-pool", null), (pool.Name, pool.Type, pool.IsActive, pool.TargetPath, pool.Source));
        Assert.Equal(100L << 30, pool.Available);
        Assert.Empty(await host.ListVolumePathsAsync("default-pool", refresh: true, Stop));
    }

    [Fact]
    public async Task Volumes_are_found_by_their_paths()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, """
            <node>
              <pool type='netfs'>
                <name>shared</name>
                <source><host name='nas'/><dir path='/export/vms'/><format type='nfs'/></source>
                <target><path>/vms</path></target>
                <volume><name>web.qcow2</name><capacity unit='GiB'>8</capacity><allocation unit='GiB'>2</allocation><target><path>/vms/web.qcow2</path></target></volume>
              </pool>
            </node>
            """, Stop);
        try
        {
            await using var host = await new LibvirtTransport().OpenAsync(HostAddress.Parse($"test://{file}"), credential: null, Stop);

            Assert.Equal("nas:/export/vms", Assert.Single(await host.ListStoragePoolsAsync(Stop)).Source);
            Assert.Equal(["/vms/web.qcow2"], await host.ListVolumePathsAsync("shared", refresh: false, Stop));
            var volume = Assert.Single(await host.ListVolumesAsync("shared", Stop));
            Assert.Equal(("/vms/web.qcow2", "shared", 8L << 30, 2L << 30), (volume.Path, volume.Pool, volume.Capacity, volume.Allocation));
            Assert.Equal(volume, await host.FindVolumeAsync("/vms/web.qcow2", Stop));
            Assert.Null(await host.FindVolumeAsync("/vms/nothing", Stop));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task What_the_driver_cannot_be_asked_is_not_supported()
    {
        await using var host = await OpenAsync();
        var vm = Assert.Single(await host.ListVmsAsync(Stop));
        var kind = new GuestKind(Emulator: null, "x86_64", Machine: null, "kvm");

        await Assert.ThrowsAsync<HypervisorNotSupportedException>(() => host.CompareCpuAsync(kind, "<cpu/>", Stop));
        await Assert.ThrowsAsync<HypervisorNotSupportedException>(() => host.ListSecretsAsync(Stop));
        await Assert.ThrowsAsync<HypervisorNotSupportedException>(() => host.GetBlockJobsAsync(vm.Uuid, ["vda"], Stop));
        await Assert.ThrowsAsync<HypervisorNotSupportedException>(() => host.MeasureDirtyRateAsync(vm.Uuid, TimeSpan.FromSeconds(1), DirtyRateMode.PageSampling, Stop));
    }

    [Fact]
    public async Task Capabilities_and_free_pages_are_read()
    {
        await using var host = await OpenAsync();
        var capabilities = await host.GetCapabilitiesAsync(Stop);

        Assert.Equal(host.Host.Uuid, capabilities.HostUuid);
        var pages = await host.GetFreePagesAsync(capabilities.PageSizes, capabilities.CellCount, Stop);
        Assert.Equal(capabilities.PageSizes.Count * capabilities.CellCount, pages.Count);
        Assert.All(pages, p => Assert.True(p.Count >= 0));
    }

    private static Task<IHypervisor> OpenAsync() => new LibvirtTransport().OpenAsync(HostAddress.Parse("test:///default"), credential: null, Stop);
}
