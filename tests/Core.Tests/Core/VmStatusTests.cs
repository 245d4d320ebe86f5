using Xunit;

namespace VirtMigrate.Tests.Core;

public sealed class VmStatusTests
{
    [Theory]
    [InlineData(VmState.Running, 1, "running (booted)")]
    [InlineData(VmState.Running, 6, "running (migration canceled)")]
    [InlineData(VmState.Paused, 13, "paused (post-copy failed)")]
    [InlineData(VmState.ShutOff, 4, "shut off (migrated)")]
    [InlineData(VmState.Running, 99, "running (unknown)")]
    public void A_status_reads_as_virsh_prints_it(VmState state, int reason, string expected) =>
        Assert.Equal(expected, new VmStatus(state, reason).ToString());

    [Fact]
    public void A_state_of_a_later_libvirt_is_shown_by_its_number() =>
        Assert.Equal("state 42 (unknown)", new VmStatus((VmState)42, 1).ToString());
}
