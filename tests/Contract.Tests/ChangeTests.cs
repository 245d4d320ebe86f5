using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.ContractTests;

/// <summary>Hosts are shared by all tests: a change that fails half-way is taken back, and what a test leaves is seen.</summary>
public sealed class ChangeTests(LabFixture lab) : LabTest(lab)
{
    private const string First = "/var/lib/libvirt/images/first";
    private const string Second = "/var/lib/libvirt/images/second";

    [Fact]
    public async Task A_change_that_fails_half_way_is_taken_back_step_by_step()
    {
        var failure = await Assert.ThrowsAsync<LabException>(() => Lab.ChangeAsync(Lab.Host1,
            $"touch {First}; ls /no-such-file; touch {Second}", $"rm {Second}\nrm {First}"));

        Assert.Contains("/no-such-file", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"cannot remove '{Second}'", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Lab.Host1.Root + First));
    }

    [Fact]
    public async Task A_daemon_that_was_to_be_restarted_lives_when_the_change_has_failed()
    {
        await Assert.ThrowsAsync<LabException>(() => Lab.ChangeAsync(Lab.Host1, $"touch {First}; false", $"rm {First}", restart: true));

        Assert.Equal("kvm1", await Lab.VirshAsync(Lab.Host1, "hostname"));
        Assert.False(File.Exists(Lab.Host1.Root + First));
    }

    [Fact]
    public async Task Taking_back_what_was_changed_must_succeed_and_is_tried_to_its_end()
    {
        var change = await Lab.ChangeAsync(Lab.Host1, $"touch {First}", $"rm {Second}\nrm {First}");
        Assert.True(File.Exists(Lab.Host1.Root + First));

        var failure = await Assert.ThrowsAsync<AggregateException>(() => change.DisposeAsync().AsTask());

        Assert.Contains($"cannot remove '{Second}'", Assert.Single(failure.InnerExceptions).Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Lab.Host1.Root + First));
    }

    [Theory]
    [InlineData($"touch {First}", $"rm {First}", "+ kvm1: image: first")]
    [InlineData("mount --bind /dev/null /usr/bin/swtpm", "umount /usr/bin/swtpm", "+ kvm1: mount: /usr/bin/swtpm ")]
    [InlineData("nft add table inet left", "nft delete table inet left", "+ kvm1: firewall: table inet left")]
    [InlineData("virsh -q pool-destroy default", "virsh -q pool-start default", "- kvm1: virsh: default active yes")]
    [InlineData("echo >> /etc/libvirt/qemu.conf", "sed -i '$ d' /etc/libvirt/qemu.conf", "/etc/libvirt/qemu.conf")]
    public async Task What_is_left_on_a_host_is_seen(string change, string undo, string difference)
    {
        var before = await LabState.ReadAsync(Lab);
        await using var changed = await Lab.ChangeAsync(Lab.Host1, change, undo);

        Assert.Contains(difference, (await before.CompareAsync(Lab, TimeSpan.Zero)).Differences, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_limit_that_is_left_and_a_daemon_that_is_dead_are_seen()
    {
        var before = await LabState.ReadAsync(Lab);
        await using var limit = await Lab.LimitAsync(Lab.Host1, "100mbit");
        await using var dead = await Lab.KillDaemonAsync(Lab.Host2);

        var differences = (await before.CompareAsync(Lab, TimeSpan.Zero)).Differences;

        Assert.Contains("+ kvm1: limit: qdisc tbf", differences, StringComparison.Ordinal);
        Assert.Contains("+ kvm2: virsh: no answer", differences, StringComparison.Ordinal);
    }
}
