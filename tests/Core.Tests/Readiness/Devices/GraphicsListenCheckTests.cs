using System.Net;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class GraphicsListenCheckTests
{
    private readonly ReadinessScene _scene = new();

    public GraphicsListenCheckTests()
    {
        _scene.Client.Names["kvm1"] = [IPAddress.Parse("10.0.0.1")];
        _scene.Client.Names["kvm2"] = [IPAddress.Parse("10.0.0.2")];
    }

    [Theory]
    [InlineData("127.0.0.1", ReadinessStatus.Passed)]
    [InlineData("0.0.0.0", ReadinessStatus.Passed)]
    [InlineData("10.0.0.2", ReadinessStatus.Passed)]
    [InlineData("10.0.0.1", ReadinessStatus.Warning)]
    [InlineData("10.0.0.9", ReadinessStatus.NotVerified)]
    public async Task The_destination_must_have_the_address(string address, ReadinessStatus expected)
    {
        _scene.Definition = $"<graphics type='vnc' port='5900' listen='{address}'><listen type='address' address='{address}'/></graphics>";

        var check = await _scene.CheckAsync<GraphicsListenCheck>();

        Assert.Equal(expected, check.Status);
        Assert.Equal(expected == ReadinessStatus.Passed ? null : "Cannot assign requested address", check.LibvirtError);
    }

    [Theory]
    [InlineData("vnc_listen = \"10.0.0.1\"", 0, ReadinessStatus.Passed)]
    [InlineData("", 1, ReadinessStatus.Failed)]
    public async Task An_address_that_is_the_source_s_setting_stays_there(string settings, int exitCode, ReadinessStatus expected)
    {
        _scene.Definition = "<graphics type='vnc'><listen type='address' address='10.0.0.1'/></graphics>";
        _scene.SourceShell = new KnownShell().Answering("grep -s ^[[:space:]]*vnc_listen", settings, exitCode: exitCode);

        Assert.Equal(expected, (await _scene.CheckAsync<GraphicsListenCheck>()).Status);
    }

    [Theory]
    [InlineData("10.0.0.9", ReadinessStatus.Passed)]
    [InlineData("10.0.0.8", ReadinessStatus.Failed)]
    public async Task Its_shell_knows_all_its_addresses(string address, ReadinessStatus expected)
    {
        _scene.Definition = $"<graphics type='spice'><listen type='address' address='{address}'/></graphics>";
        _scene.SourceShell = new KnownShell().Answering("grep", exitCode: 1);
        _scene.DestinationShell = new KnownShell().Answering("ip -oneline address", "2: eth0    inet 10.0.0.2/24 scope global\n3: eth1    inet 10.0.0.9/24 scope global\n");

        Assert.Equal(expected, (await _scene.CheckAsync<GraphicsListenCheck>()).Status);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<graphics type='vnc'><listen type='socket' socket='/run/vnc'/></graphics>")]
    public async Task A_screen_without_an_address_needs_none(string graphics)
    {
        _scene.Definition = graphics;

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<GraphicsListenCheck>()).Status);
    }
}
