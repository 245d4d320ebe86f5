using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class DimmAddressesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("<address type='dimm' slot='0' base='0x100000000'/>", ReadinessStatus.Passed)]
    [InlineData("", ReadinessStatus.Failed)]
    public async Task A_module_needs_its_place(string address, ReadinessStatus expected)
    {
        _scene.Definition = $"<memory model='dimm'><target><size unit='KiB'>524288</size></target>{address}</memory>";

        var check = await _scene.CheckAsync<DimmAddressesCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == ReadinessStatus.Failed ? "domain's dimm info lacks slot ID or base address" : null, check.LibvirtError);
    }

    [Fact]
    public async Task Other_modules_have_none()
    {
        _scene.Definition = "<memory model='virtio-mem'><target><size unit='KiB'>524288</size></target></memory>";

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<DimmAddressesCheck>()).Status);
    }
}
