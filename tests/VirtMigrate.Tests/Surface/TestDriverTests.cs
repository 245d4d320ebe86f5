using System.Management.Automation;
using VirtMigrate.Tests.Virsh;
using Xunit;

namespace VirtMigrate.Tests.Surface;

/// <summary>The cmdlets against libvirt's own test driver, which needs no host.</summary>
public sealed class TestDriverTests
{
    public TestDriverTests() => LibvirtTools.Require();

    [Fact]
    public void The_test_drivers_vm_is_listed()
    {
        var run = ModuleRun.Of("Get-Vm -VmHost test:///default");

        Assert.Empty(run.Errors);
        var vm = Assert.Single(run.Output);
        Assert.Equal("test", vm.Properties["Name"].Value);
        Assert.Equal("Running", vm.Properties["State"].Value.ToString());
        Assert.Equal(2L << 30, vm.Properties["Memory"].Value);
        Assert.Equal(8L << 30, vm.Properties["MaxMemory"].Value);
        Assert.Equal(2, vm.Properties["VCpuCount"].Value);
    }

    [Fact]
    public void A_plain_name_that_matches_nothing_is_an_error_and_a_wildcard_is_not()
    {
        Assert.Empty(ModuleRun.Of("Get-Vm no* -VmHost test:///default").Errors);

        var error = Assert.Single(ModuleRun.Of("Get-Vm no -VmHost test:///default").Errors);
        Assert.StartsWith("VmNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ObjectNotFound, error.CategoryInfo.Category);
    }

    [Fact]
    public void What_if_shows_the_equal_virsh_command()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, "<node/>");
        try
        {
            var run = ModuleRun.Of("Get-Vm -VmHost test:///default | Start-VmMigration -Destination $to -Parallel 4 -WhatIf", ("to", $"test://{file}"));

            Assert.Empty(run.Errors);
            Assert.Contains(
                $"virsh -c test:///default migrate --live --persistent --parallel --parallel-connections 4 --domain test --desturi test://{file}",
                run.Text, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Each_runspace_has_connections_of_its_own()
    {
        ModuleRun.Of("$null = Connect-VmHost test:///default; Get-VmHost");

        Assert.Empty(ModuleRun.Of("Get-VmHost").Output);
    }

    [Fact]
    public void An_object_that_speaks_of_no_vm_is_refused_with_an_example()
    {
        var error = Assert.Single(ModuleRun.Of("[datetime]::Now | Start-VmMigration -Destination kvm2 -WhatIf").Errors);

        Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
        Assert.Contains("Get-Vm", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Live_and_offline_together_end_the_command()
    {
        var error = Assert.Single(ModuleRun.Of("Start-VmMigration x -Live -Offline").Errors);

        Assert.StartsWith("MigrationOptionInvalid,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("exclude each other", error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }
}
