using VirtMigrate.Hosts;
using VirtMigrate.Tests.Core;
using Xunit;

namespace VirtMigrate.Tests.DirtyRates;

/// <summary>A VM is not asked for what would end its QEMU, or what its libvirt does not know.</summary>
public sealed class DirtyRateModeTests
{
    [Theory]
    [InlineData(DirtyRateMode.DirtyBitmap)]
    [InlineData(DirtyRateMode.DirtyRing)]
    public void Without_kvm_writes_are_not_counted(DirtyRateMode mode)
    {
        // Whatever its QEMU is: those that would survive count nothing.
        var host = TestData.Host() with { HypervisorVersion = new(10, 1) };

        Assert.Contains("does not run with KVM", DirtyRateModes.FindObstacle(host, "qemu", mode), StringComparison.Ordinal);
        Assert.Null(DirtyRateModes.FindObstacle(host, "kvm", mode));
    }

    [Fact]
    public void Sampling_is_for_all() => Assert.Null(DirtyRateModes.FindObstacle(TestData.Host(), "qemu", DirtyRateMode.PageSampling));

    [Fact]
    public void An_old_libvirt_has_one_mode()
    {
        var host = TestData.Host() with { LibvirtVersion = new(8, 0, 0) };

        Assert.Equal("libvirt 8.0.0 on 'kvm1' measures dirty rates in mode PageSampling only; the other modes need libvirt 8.1.",
            DirtyRateModes.FindObstacle(host, "kvm", DirtyRateMode.DirtyBitmap));
        Assert.Null(DirtyRateModes.FindObstacle(host, "kvm", DirtyRateMode.PageSampling));
    }

    [Theory]
    [InlineData("dirty ring is disabled, use sample-pages method instead.", true)]
    [InlineData("mode dirty-bitmap is not enabled, use other method instead.", true)]
    [InlineData("the dirty rate is already being measured.", false)]
    public void Qemus_refusal_of_a_mode_is_known(string said, bool isRefusal)
    {
        var error = new HypervisorError(1, 10, $"internal error: unable to execute QEMU command 'calc-dirty-rate': {said}");

        Assert.Equal(isRefusal, DirtyRateModes.IsRefusal(new(error)));
    }
}
