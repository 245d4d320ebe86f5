using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class CharacterDevicesCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Theory]
    [InlineData("<serial type='pty'><source path='/dev/pts/3'/></serial>")]
    [InlineData("<channel type='unix'><source mode='bind' path='/run/libvirt/qemu/channel/1-db/org.qemu.guest_agent.0'/><target type='virtio' name='org.qemu.guest_agent.0'/></channel>")]
    [InlineData("")]
    public async Task What_libvirt_makes_itself_needs_nothing(string device)
    {
        _scene.Definition = device;

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<CharacterDevicesCheck>()).Status);
    }

    [Fact]
    public async Task Every_host_has_a_source_of_random_numbers()
    {
        _scene.Definition = "<rng model='virtio'><backend model='random'>/dev/urandom</backend></rng>";

        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<CharacterDevicesCheck>()).Status);
    }

    [Theory]
    [InlineData("<serial type='file'><source path='/srv/log/db.log'/><target port='0'/></serial>", "/srv/log")]
    [InlineData("<serial type='dev'><source path='/dev/ttyS1'/><target port='0'/></serial>", "/dev/ttyS1")]
    [InlineData("<channel type='unix'><source mode='bind' path='/srv/s/agent'/><target type='virtio' name='a'/></channel>", "/srv/s")]
    [InlineData("<rng model='virtio'><backend model='random'>/dev/hwrng</backend></rng>", "/dev/hwrng")]
    public async Task What_is_at_the_other_end_is_looked_for_on_the_host(string device, string needed)
    {
        _scene.Definition = device;
        Assert.Equal(ReadinessStatus.NotVerified, (await _scene.CheckAsync<CharacterDevicesCheck>()).Status);

        _scene.DestinationShell = new KnownShell().Answering($"stat -L -c %F %n -- {needed}", $"directory {needed}\n");
        Assert.Equal(ReadinessStatus.Passed, (await _scene.CheckAsync<CharacterDevicesCheck>()).Status);

        _scene.DestinationShell = new KnownShell().Answering("stat -L", error: $"stat: cannot statx '{needed}': No such file or directory\n", exitCode: 1);
        var check = await _scene.CheckAsync<CharacterDevicesCheck>();
        Assert.Equal(ReadinessStatus.Failed, check.Status);
        Assert.Contains(needed, check.Recommendation, StringComparison.Ordinal);
    }
}
