using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Ports;

public sealed class MigrationPortCheckTests
{
    private readonly ReadinessScene _scene = new ReadinessScene().Resolving();

    [Fact]
    public async Task A_port_that_refuses_is_open_and_the_message_says_from_where()
    {
        var check = await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Passed, "From this computer, port 49215 of 'kvm2' answers");

        Assert.Equal("this computer, tcp kvm2 49215: Refused", Assert.Single(check.Evidence).ToString());
    }

    [Fact]
    public async Task A_silent_port_is_a_firewall()
    {
        _scene.Client.Otherwise = PortAnswer.TimedOut;

        var check = await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Failed, "nothing answers at port 49215 of 'kvm2'");

        Assert.Equal("unable to connect to server at 'kvm2:", check.LibvirtError);
        Assert.Contains("firewall-cmd", check.Recommendation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(PortAnswer.Rejected), "a firewall rejects port 49215")]
    [InlineData(nameof(PortAnswer.Unreachable), "there is no route to port 49215")]
    public async Task A_no_on_the_way_is_told_from_silence(string answer, string message)
    {
        _scene.Client.Otherwise = Enum.Parse<PortAnswer>(answer);

        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Failed, message);
    }

    [Fact]
    public async Task A_firewall_that_opens_the_first_ports_stops_nobody()
    {
        _scene.Client.Otherwise = PortAnswer.TimedOut;
        _scene.Client.Ports[("kvm2", 49152)] = PortAnswer.Refused;

        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Warning, "port 49215 of 'kvm2' is closed, but 49152 is reached");
    }

    [Fact]
    public async Task A_port_that_a_qemu_may_wait_on_is_not_touched()
    {
        _scene.Client.Otherwise = PortAnswer.TimedOut;
        _scene.LetOneComeIn();

        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Warning, "are not tested while they are in use");

        Assert.Equal([49215], _scene.Client.Tried);
    }

    [Fact]
    public async Task The_source_s_own_view_goes_before_this_computer_s()
    {
        _scene.Client.Otherwise = PortAnswer.TimedOut;
        _scene.FromSource();

        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Passed, "From kvm1, port 49215");
    }

    [Fact]
    public async Task A_network_that_this_computer_need_not_reach_is_not_verified()
    {
        _scene.Resolving("data", "192.168.7.2").With(MigrationOptions.MigrateUri, "tcp://data").Client.Otherwise = PortAnswer.TimedOut;

        var check = await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.NotVerified, "it reaches the destination at another address than 'data'");

        Assert.Contains("</dev/tcp/data/", check.Recommendation, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_this_computer_does_not_know_is_tried_at_the_address_that_libvirt_is_reached_at()
    {
        _scene.Destination = new(_scene.Destination.Host with { Name = "node2.internal" });
        _scene.Client.Otherwise = PortAnswer.TimedOut;

        var check = await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Failed, "port 49215 of 'kvm2'");

        Assert.Equal("unable to connect to server at 'node2.internal:", check.LibvirtError);
    }

    [Fact]
    public async Task A_port_of_one_s_own_choice_must_be_free()
    {
        _scene.With(MigrationOptions.MigrateUri, "tcp://kvm2:50000").Client.Ports[("kvm2", 50000)] = PortAnswer.Open;

        var check = await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Failed, "a program already listens on port 50000 of 'kvm2'");

        Assert.Equal("Address already in use", check.LibvirtError);
    }

    [Fact]
    public async Task Who_listens_is_read_without_touching_the_port_where_there_is_a_shell()
    {
        _scene.With(MigrationOptions.MigrateUri, "tcp://kvm2:50000").AddDestinationShell().Answering("ss -Htln", "LISTEN 0 128 0.0.0.0:50000 0.0.0.0:*\n");

        var check = await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Failed, "Seen from kvm2");

        Assert.Empty(_scene.Client.Tried);
        Assert.Contains(check.Evidence, e => e.ToString() is "kvm2, ss -Htln: 0.0.0.0:50000");
    }

    [Fact]
    public async Task A_port_of_one_s_own_choice_is_not_touched_while_a_vm_comes_in()
    {
        _scene.With(MigrationOptions.MigrateUri, "tcp://kvm2:50000").LetOneComeIn();

        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.NotVerified, "QEMU may be waiting there for web");

        Assert.Empty(_scene.Client.Tried);
    }

    [Fact]
    public async Task The_range_and_the_host_are_those_of_the_destination_s_own_settings()
    {
        _scene.Resolving("10.1.1.2", "10.0.0.2").AddDestinationShell()
            .Answering("cat /etc/libvirt/qemu.conf", "#migration_port_max = 1\nmigration_host = \"10.1.1.2\"\nmigration_port_min = 50000\nmigration_port_max = 50010\n");

        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.Passed, "port 50010 of '10.1.1.2'");
    }

    [Fact]
    public async Task Other_ways_need_no_port()
    {
        _scene.With(MigrationOptions.Tunnelled, true);
        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.NotApplicable, "-Tunnelled");

        _scene.With(MigrationOptions.Tunnelled, false).With(MigrationOptions.MigrateUri, "unix:///tmp/socket");
        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.NotApplicable, "memory goes to unix:///tmp/socket");

        _scene.With(MigrationOptions.MigrateUri, "rdma://kvm2");
        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.NotVerified, "memory goes to rdma://kvm2");

        _scene.Vm = _scene.TestVm("db", VmState.ShutOff);
        await _scene.AssertAsync<MigrationPortCheck>(ReadinessStatus.NotApplicable, "only the definition moves");
    }
}
