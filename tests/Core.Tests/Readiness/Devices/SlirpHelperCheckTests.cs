using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Devices;

public sealed class SlirpHelperCheckTests
{
    private readonly ReadinessScene _scene = new();

    public SlirpHelperCheckTests() => _scene.Definition = "<interface type='user'><mac address='52:54:00:00:00:01'/></interface>";

    [Theory]
    [InlineData(1, ReadinessStatus.Passed)]
    [InlineData(0, ReadinessStatus.Warning)]
    public async Task The_source_says_whether_it_has_a_helper(int exitCode, ReadinessStatus expected)
    {
        _scene.SourceShell = new KnownShell().Answering("test -e /usr/bin/slirp-helper", exitCode: exitCode);

        Assert.Equal(expected, (await _scene.CheckAsync<SlirpHelperCheck>()).Status);
    }

    [Fact]
    public async Task Without_its_shell_nobody_can_tell()
    {
        var check = await _scene.CheckAsync<SlirpHelperCheck>();

        Assert.Equal((ReadinessStatus.NotVerified, "a slirp-helper cannot be migrated"), (check.Status, check.LibvirtError));
    }

    [Fact]
    public async Task Passt_is_no_slirp()
    {
        _scene.Definition = "<interface type='user'><backend type='passt'/></interface>";

        Assert.Equal(ReadinessStatus.NotApplicable, (await _scene.CheckAsync<SlirpHelperCheck>()).Status);
    }
}
