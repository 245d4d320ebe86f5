using Xunit;

namespace VirtMigrate.LabTests.Package;

/// <summary>The package is all that is needed: a process that has nothing else installs it and migrates.</summary>
public sealed class InstalledPackageTests(LabFixture lab) : LabTest(lab)
{
    [Theory]
    [InlineData("Libvirt")]
    [InlineData("Virsh")]
    public async Task A_vm_moves_with_nothing_but_the_installed_package(string transport)
    {
        await using var guest = await Lab.StartGuestAsync("installed", "--memory", "192", "--dirty", "5");
        using var package = new InstalledPackage();

        var run = await package.RunAsync($$"""
            $null = Connect-VmHost '{{Lab.Host1.Tcp}}', '{{Lab.Host2.Tcp}}' -Transport {{transport}}
            $result = Get-Vm installed -VmHost '{{Lab.Host1.Tcp}}' | Start-VmMigration -Destination '{{Lab.Host2.Tcp}}' -Live
            "transport $($result.Source.Transport)"
            "outcome $($result.Outcome), verified $(($result | Test-VmMigrationResult).IsVerified)"
            "module $((Get-Module VirtMigrate).ModuleBase)"
            foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -match '^(VirtMigrate(\.Core)?|CliWrap)$' })) {
                "loaded $($assembly.Location)"
            }
            """);

        TestContext.Current.TestOutputHelper?.WriteLine(run.StandardOutput + run.StandardError);
        var lines = run.StandardOutput.Split('\n');
        Assert.Equal(string.Empty, run.StandardError);
        Assert.Contains("transport " + transport, lines);
        Assert.Contains("outcome Completed, verified True", lines);
        Assert.Contains("module " + package.Folder, lines);
        var loaded = lines.Where(l => l.StartsWith("loaded ", StringComparison.Ordinal)).ToArray();
        Assert.InRange(loaded.Length, 2, 3);
        Assert.All(loaded, l => Assert.StartsWith("loaded " + package.Folder, l, StringComparison.Ordinal));
        await guest.AssertWholeOnAsync(Lab.Host2);
    }

    [Fact]
    public async Task Its_views_and_its_help_are_installed_as_well()
    {
        using var package = new InstalledPackage();

        var run = await package.RunAsync("Get-VmMigrationPolicy VeryLarge; (Get-Help Get-Vm).Synopsis; Get-Help about_VmMigration");

        Assert.Equal(string.Empty, run.StandardError);
        Assert.Contains("300 to 5000 ms", run.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("Gets the VMs of one or more libvirt hosts", run.StandardOutput, StringComparison.Ordinal);
        Assert.Contains("about_VmMigration", run.StandardOutput, StringComparison.Ordinal);
    }
}
