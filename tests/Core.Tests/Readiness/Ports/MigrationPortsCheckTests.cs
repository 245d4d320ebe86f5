using VirtMigrate.Hosts;
using VirtMigrate.Options;
using VirtMigrate.Readiness;
using Xunit;

namespace VirtMigrate.Tests.Readiness.Ports;

public sealed class MigrationPortsCheckTests
{
    private readonly ReadinessScene _scene = new ReadinessScene().Resolving();

    [Fact]
    public async Task A_range_that_refuses_passes()
    {
        var check = await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Passed, "every free port of 49152-49215 on 'kvm2' answers (64)");

        Assert.Equal("this computer, tcp kvm2 49152-49215: Refused", Assert.Single(check.Evidence).ToString());
    }

    [Fact]
    public async Task Listeners_in_the_range_are_stepped_over_as_libvirt_does()
    {
        _scene.Client.Ports[("kvm2", 49152)] = PortAnswer.Open;

        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Passed, "answers (63)");
    }

    [Fact]
    public async Task A_range_without_a_free_port_fails()
    {
        _scene.Client.Otherwise = PortAnswer.Open;

        var check = await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Failed, "too few of the ports");

        Assert.Equal("Unable to find an unused port in range 'migration' (49152-49215)", check.LibvirtError);
    }

    [Fact]
    public async Task A_range_that_is_rejected_in_part_and_else_silent_is_rejected()
    {
        _scene.Client.Otherwise = PortAnswer.TimedOut;
        _scene.Client.Ports[("kvm2", 49153)] = PortAnswer.Rejected;

        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Failed, "a firewall rejects ports 49152-49215");
    }

    [Fact]
    public async Task Copied_disks_take_a_second_port()
    {
        _scene.Client.Otherwise = PortAnswer.Open;
        _scene.Client.Ports[("kvm2", 49200)] = PortAnswer.Refused;

        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Passed, "answers (1)");
        _scene.With(MigrationOptions.CopyStorage, nameof(StorageCopy.All));
        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Failed, "too few of the ports");
    }

    [Fact]
    public async Task A_closed_port_that_libvirt_would_take_fails_and_one_behind_it_warns()
    {
        _scene.Client.Ports[("kvm2", 49152)] = PortAnswer.TimedOut;
        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Failed, "nothing answers at ports 49152 of 'kvm2'");

        _scene.Client.Ports[("kvm2", 49152)] = PortAnswer.Open;
        _scene.Client.Ports[("kvm2", 49160)] = PortAnswer.Rejected;
        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Warning, "ports 49160 of 'kvm2' are closed");
    }

    [Fact]
    public async Task No_port_is_touched_while_a_vm_comes_in()
    {
        _scene.LetOneComeIn();

        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.NotVerified, "QEMU is waiting there for web");

        Assert.Empty(_scene.Client.Tried);
    }

    [Fact]
    public async Task Ports_that_somebody_listens_on_are_not_touched_where_the_destination_tells()
    {
        _scene.AddDestinationShell().Answering("ss -Htln", "LISTEN 0 1 127.0.0.1:49152 0.0.0.0:*\nLISTEN 0 1 [::]:49153 [::]:*\n");

        var check = await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.Passed, "answers (62)");

        Assert.DoesNotContain(49152, _scene.Client.Tried);
        Assert.Contains(check.Evidence, e => e.ToString() is "kvm2, ss -Htln: in use: 49152-49153");
    }

    [Theory]
    [InlineData(false, ReadinessStatus.Failed, "port 49215 of 'kvm2' refuses connections even while a program listens there", "not reached from this computer")]
    [InlineData(true, ReadinessStatus.Passed, "answers (64)", "reached from this computer")]
    public async Task A_firewall_that_refuses_is_told_by_somebody_who_listens(bool isReached, ReadinessStatus status, string message, string evidence)
    {
        var listening = new TaskCompletionSource<HostShellResult?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var shell = _scene.AddDestinationShell().With("s.accept()", () => listening.Task);
        shell.With("ss -Htln", () => Task.FromResult<HostShellResult?>(new(0, IsListening() ? "LISTEN 0 1 *:49215 *:*\n" : string.Empty, string.Empty)));
        _scene.Client.Asked = port =>
        {
            if (isReached && port == 49215 && IsListening())
            {
                _scene.Client.Ports[("kvm2", 49215)] = PortAnswer.Open;
                listening.TrySetResult(new(0, "connected\n", string.Empty));
            }
        };

        var check = await _scene.AssertAsync<MigrationPortsCheck>(status, message);

        Assert.Equal(isReached ? null : "unable to connect to server at 'kvm2:", check.LibvirtError);
        Assert.Equal($"kvm2, listening on tcp 49215 for a moment: {evidence}", check.Evidence[^1].ToString());

        bool IsListening() => shell.Commands.Exists(c => c.Contains("s.accept()", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_port_of_one_s_own_choice_is_another_check_s()
    {
        _scene.With(MigrationOptions.MigrateUri, "tcp://kvm2:50000");

        await _scene.AssertAsync<MigrationPortsCheck>(ReadinessStatus.NotApplicable, "port 50000 and no other");
    }
}
