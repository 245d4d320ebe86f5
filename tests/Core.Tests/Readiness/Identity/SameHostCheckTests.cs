using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Identity;

public sealed class SameHostCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task Two_hosts_pass()
    {
        var check = await _scene.CheckAsync<SameHostCheck>();

        Assert.Equal(("SameHost", ReadinessStatus.Passed), (check.Id, check.Status));
        Assert.Equal(2, check.Evidence.Count);
        Assert.Null(check.LibvirtError);
    }

    [Fact]
    public async Task Two_hosts_of_one_name_are_one_to_libvirt()
    {
        _scene.Destination = new(_scene.Destination.Host with { Name = "KVM1" });

        var check = await _scene.CheckAsync<SameHostCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Equal("Attempt to migrate guest to the same host kvm1", check.LibvirtError);
        Assert.Contains("hostnamectl", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cloned_hosts_share_their_uuid()
    {
        _scene.Destination = new(_scene.Destination.Host with { Uuid = _scene.Source.Host.Uuid });

        var check = await _scene.CheckAsync<SameHostCheck>();

        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains($"the host UUID {_scene.Source.Host.Uuid}", check.Message, StringComparison.Ordinal);
        Assert.Equal($"Attempt to migrate guest to the same host {_scene.Source.Host.Uuid}", check.LibvirtError);
        Assert.Contains("host_uuid", check.Recommendation, StringComparison.Ordinal);
    }
}
