using System.Management.Automation;
using VirtMigrate.LabSupport;
using VirtMigrate.LabTests.Errors;
using VirtMigrate.LabTests.Transports.Tools;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Seam;

/// <summary>What can't be the same over all transports, as about_VirtMigrateHosts lists it.</summary>
public sealed class DifferenceTests(LabFixture lab) : FailureTest(lab)
{
    [Theory]
    [InlineData("Virsh", true)]
    [InlineData("Ssh", false)]
    public async Task Over_ssh_it_is_the_source_that_reaches_the_destination(string transport, bool isMoved)
    {
        await using var vm = await StartAsync();
        await using var firewall = await FirewallAsync($"ip saddr {Lab.Host1.Address} tcp dport 22 reject");
        Session.Set("kvm1", Lab.Host1.Ssh).Set("kvm2", Lab.Host2.Ssh)
            .Run($"$null = Connect-VmHost $kvm1, $kvm2 -Transport {transport}").AssertNoErrors();

        if (isMoved)
        {
            var result = Session.Set("name", EmptyVm.Name).Run("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2").Single;
            Assert.Equal("Completed", result.Text("Outcome"));
        }
        else
        {
            AssertFails(string.Empty, "SourceCannotConnect", ErrorCategory.ConnectionError, "Connection refused", "virsh -c");
        }
    }

    [Theory]
    [InlineData("Virsh", "tcp")]
    [InlineData("Ssh", "ssh")]
    public async Task A_migration_by_virsh_goes_on_without_the_session_that_began_it(string transport, string way)
    {
        await using var guest = await Lab.StartGuestAsync("left-alone", "--memory", "200", "--dirty", "5", "--working-set", "60");
        await using (await Lab.LimitAsync(Lab.Host1, "150mbit"))
        {
            using var client = new ShellProcess(
                $"$null = Connect-VmHost '{Lab.Host1.Uri(way)}', '{Lab.Host2.Uri(way)}' -Transport {transport}; " +
                $"Start-VmMigration left-alone -VmHost '{Lab.Host1.Uri(way)}' -Destination '{Lab.Host2.Uri(way)}' -Live");
            await guest.WaitUntilMovingAsync(Lab.Host1);
            client.Kill();
            if (transport is "Ssh")
            {
                // As when this machine is gone: none of its connections is left.
                foreach (var (id, _) in ToolProcesses.Find(Lab))
                {
                    ToolProcesses.Kill(id);
                }
            }

            await EventuallyAsync("the guest has arrived", Lab.Host1, answer => answer is "shut off (migrated)", "domstate", guest.Name, "--reason");
        }

        await guest.AssertWholeOnAsync(Lab.Host2);
        await EventuallyAsync("no virsh and no ssh is left here", () => Task.FromResult(ToolProcesses.Find(Lab).Count == 0));
    }

    [Theory]
    [InlineData("Libvirt", "Passed")]
    [InlineData("Virsh", "NotVerified")]
    public async Task A_path_with_a_line_break_makes_virshs_statistics_unreadable(string transport, string status)
    {
        const string Path = $"{Images}/two&#10;lines.img";
        await using var file = await ChangeAsync(Lab.Host1, $"truncate -s 1M \"$(printf '{Images}/two\\nlines.img')\"", $"rm {Images}/two*lines.img");
        await using var vm = await StartAsync(
            $"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{Path}'/><target dev='vda' bus='virtio'/></disk>");
        Session.Run($"$null = Connect-VmHost $kvm1, $kvm2 -Transport {transport}").AssertNoErrors();

        var check = AssertPasses("Memory", status: status);

        Assert.Equal(transport is "Virsh", check.Text("Message").Contains("not a statistic: 'lines.img'", StringComparison.Ordinal));
    }
}
