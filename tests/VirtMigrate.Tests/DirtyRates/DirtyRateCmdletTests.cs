using System.Management.Automation;
using VirtMigrate.Tests.Surface;
using VirtMigrate.Tests.Virsh;
using Xunit;

namespace VirtMigrate.Tests.DirtyRates;

/// <summary>Measure-VmDirtyRate as far as it can be seen without a guest.</summary>
public sealed class DirtyRateCmdletTests
{
    [Fact]
    public void Curve_and_period_exclude_each_other() =>
        AssertError("Measure-VmDirtyRate x -Curve -Period 5", "AmbiguousParameterSet,", ErrorCategory.InvalidArgument, "Parameter set");

    [Theory]
    [InlineData("0")]
    [InlineData("61")]
    [InlineData("1,2,90")]
    public void A_period_is_one_second_to_sixty(string period) =>
        AssertError($"Measure-VmDirtyRate x -Period {period}", "ParameterArgumentValidationError,", ErrorCategory.InvalidData, "allowed range of ");

    [Fact]
    public void A_period_that_is_empty_is_refused() =>
        AssertError("Measure-VmDirtyRate x -Period @()", "ParameterArgumentValidationError,", ErrorCategory.InvalidData, "Period");

    [Fact]
    public void A_mode_is_one_of_three() =>
        AssertError("Measure-VmDirtyRate x -Mode Guess", "CannotConvertArgumentNoMessage,", ErrorCategory.InvalidArgument, "PageSampling, DirtyBitmap, DirtyRing");

    [Fact]
    public void A_host_that_cannot_measure_says_so()
    {
        LibvirtTools.Require();
        var error = AssertError("Measure-VmDirtyRate test -VmHost test:///default", "NotSupported,", ErrorCategory.NotImplemented, "does not support this");

        Assert.Equal("test", error.TargetObject.ToString());
    }

    [Fact]
    public void A_vm_that_is_not_there_and_one_that_is_are_told_apart()
    {
        LibvirtTools.Require();
        AssertError("Measure-VmDirtyRate none -VmHost test:///default", "VmNotFound,", ErrorCategory.ObjectNotFound, "There is no VM 'none'");

        Assert.Empty(ModuleRun.Of("Measure-VmDirtyRate none* -VmHost test:///default").Errors);
    }

    [Fact]
    public void A_vm_without_kvm_is_never_asked_to_count_its_writes()
    {
        LibvirtTools.Require();
        var error = AssertError("Get-Vm -VmHost test:///default | Measure-VmDirtyRate -Mode DirtyBitmap", "DirtyRateModeUnsupported,",
            ErrorCategory.NotImplemented, "'test' can't be measured in mode DirtyBitmap: the VM does not run with KVM");

        Assert.Contains("Measure-VmDirtyRate test -VmHost ", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Contains("-Mode PageSampling", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_watch_ends_when_there_is_nothing_left_to_watch()
    {
        LibvirtTools.Require();
        AssertError("Measure-VmDirtyRate test -VmHost test:///default -Watch", "NotSupported,", ErrorCategory.NotImplemented, "does not support this");
    }

    private static ErrorRecord AssertError(string script, string id, ErrorCategory category, string message)
    {
        var error = Assert.Single(ModuleRun.Of(script).Errors);
        Assert.StartsWith(id, error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains(message, error.ToString(), StringComparison.Ordinal);
        return error;
    }
}
