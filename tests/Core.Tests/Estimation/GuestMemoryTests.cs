using VirtMigrate.Estimation;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.Estimation;

/// <summary>How much of a VM's memory is taken to cross.</summary>
public sealed class GuestMemoryTests
{
    private const long MiB = 1024 * 1024;
    private const int Booted = 1;
    private const int Migrated = 2;

    [Theory]
    [InlineData(false, Booted, 60)]
    [InlineData(false, Migrated, 60)]
    [InlineData(true, Booted, 110)]
    [InlineData(true, Migrated, 68)]
    public void What_qemu_needs_itself_does_not_cross(bool isEmulated, int reason, int own) =>
        Assert.Equal((400 - own) * MiB, GuestMemory.Of(Running(reason), 400 * MiB, isEmulated));

    [Fact]
    public void A_vm_has_no_more_than_its_memory_and_some_however_small() => Assert.Multiple(
        () => Assert.Equal(512 * MiB, GuestMemory.Of(Running(Booted), 700 * MiB, isEmulated: false)),
        () => Assert.Equal(35 * MiB, GuestMemory.Of(Running(Booted), 70 * MiB, isEmulated: false)));

    [Fact]
    public void Where_the_host_does_not_tell_all_of_it_counts() =>
        Assert.Equal(512 * MiB, GuestMemory.Of(Running(Booted), resident: null, isEmulated: false));

    [Fact]
    public void A_vm_that_is_off_has_none() =>
        Assert.Equal(0, GuestMemory.Of(TestData.Vm(VmState.ShutOff), resident: null, isEmulated: false));

    private static Vm Running(int reason) => TestData.Vm(VmState.Running) with { Status = new(VmState.Running, reason), Memory = 512 * MiB };
}
