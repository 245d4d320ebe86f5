using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Network;

public sealed class ListenAddressCheckTests
{
    private readonly ReadinessScene _scene = new ReadinessScene().Resolving();

    [Fact]
    public async Task The_address_that_memory_is_sent_to_passes()
    {
        _scene.With(MigrationOptions.ListenAddress, "10.0.0.2");

        await _scene.AssertAsync<ListenAddressCheck>(ReadinessStatus.Passed, "listens on 10.0.0.2");
    }

    [Fact]
    public async Task An_address_that_nobody_else_reaches_fails()
    {
        _scene.With(MigrationOptions.ListenAddress, "127.0.0.1");

        var check = await _scene.AssertAsync<ListenAddressCheck>(ReadinessStatus.Failed, "which only 'kvm2' itself can reach");

        Assert.Equal("unable to connect to server at 'kvm2:", check.LibvirtError);
    }

    [Fact]
    public async Task An_address_that_the_destination_does_not_have_fails()
    {
        _scene.With(MigrationOptions.ListenAddress, "192.0.2.1").AddDestinationShell().Answering("ip -o address", "2: eth0 inet 10.0.0.2/24 brd 10.0.0.255\n");

        var check = await _scene.AssertAsync<ListenAddressCheck>(ReadinessStatus.Failed, "is not an address of 'kvm2'");

        Assert.Equal("Cannot assign requested address", check.LibvirtError);
    }

    [Fact]
    public async Task Another_address_than_the_one_that_memory_is_sent_to_warns()
    {
        _scene.With(MigrationOptions.ListenAddress, "10.9.9.9");

        var check = await _scene.AssertAsync<ListenAddressCheck>(ReadinessStatus.Warning, "memory is sent to 'kvm2', which is 10.0.0.2");

        Assert.Contains("-MigrateUri tcp://10.9.9.9", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_resolve_here_is_not_verified_and_no_address_needs_no_look()
    {
        await _scene.AssertAsync<ListenAddressCheck>(ReadinessStatus.NotApplicable, "all of its addresses");

        _scene.Destination = new(_scene.Destination.Host with { Name = "node9" });
        _scene.With(MigrationOptions.ListenAddress, "10.9.9.9");
        await _scene.AssertAsync<ListenAddressCheck>(ReadinessStatus.NotVerified, "Can't tell from here");
    }
}
