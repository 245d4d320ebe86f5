using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Protocol;

public sealed class TlsForcedCheckTests
{
    private readonly ReadinessScene _scene = new();

    [Fact]
    public async Task Hosts_that_don_t_ask_for_tls_pass()
    {
        _scene.AddSourceShell().Answering("cat", "#migrate_tls_force = 1\n");
        _scene.AddDestinationShell().Answering("cat", "", "cat: /etc/libvirt/qemu.conf: No such file or directory", 1);

        await _scene.AssertAsync<TlsForcedCheck>(ReadinessStatus.Passed, "Neither host requires TLS");
    }

    [Fact]
    public async Task A_host_that_does_fails_whether_the_other_can_be_read_or_not()
    {
        _scene.AddDestinationShell().Answering("cat", "migrate_tls_force = 1\n");

        var check = await _scene.AssertAsync<TlsForcedCheck>(ReadinessStatus.Failed, "kvm2 accepts only encrypted migrations");

        Assert.Equal("this libvirtd instance allows migration only with VIR_MIGRATE_TLS flag", check.LibvirtError);
        Assert.Equal("Add -Tls.", check.Recommendation);
    }

    [Fact]
    public async Task A_file_that_can_t_be_read_is_not_verified()
    {
        await _scene.AssertAsync<TlsForcedCheck>(ReadinessStatus.NotVerified, "whether kvm1 or kvm2 accepts only encrypted migrations");

        _scene.AddSourceShell().Answering("cat", "");
        _scene.AddDestinationShell().Answering("cat", "", "cat: /etc/libvirt/qemu.conf: Permission denied", 1);
        await _scene.AssertAsync<TlsForcedCheck>(ReadinessStatus.NotVerified, "whether kvm2 accepts only encrypted migrations");
    }

    [Fact]
    public async Task With_tls_nothing_is_to_be_checked()
    {
        _scene.With(MigrationOptions.Tls, true);

        await _scene.AssertAsync<TlsForcedCheck>(ReadinessStatus.NotApplicable, "Memory is encrypted");
    }
}
