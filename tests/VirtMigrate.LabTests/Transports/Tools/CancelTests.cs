using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Tools;

/// <summary>Stopping a migration ends the programs that run it, after the VM is back.</summary>
public sealed class CancelTests(LabFixture lab) : TransportTest(lab)
{
    [Fact]
    public async Task A_stopped_pipeline_leaves_the_vm_on_the_source_and_no_virsh_behind()
    {
        await using var guest = await Lab.StartGuestAsync("tool-stop", "--memory", "200", "--dirty", "20", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        using (var session = Connect("Virsh/tcp"))
        {
            using var running = session.Begin("Start-VmMigration tool-stop -VmHost $kvm1 -Destination $kvm2 -Live");
            await guest.WaitUntilMovingAsync(Lab.Host1);
            _ = ToolProcesses.FindMigration(Lab);
            running.Stop();

            // At the moment in which the cmdlet returns, not a while later.
            Assert.StartsWith("running", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"), StringComparison.Ordinal);
            await AssertNotOnAsync(Lab.Host2, guest.Name);
            Assert.DoesNotContain(ToolProcesses.Find(Lab), p => p.CommandLine.Contains("--live", StringComparison.Ordinal));
        }

        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNothingIsLeftAsync();
    }

    [Fact]
    public async Task Ctrl_c_takes_the_vm_back_and_ends_every_ssh_before_the_process_ends()
    {
        await using var guest = await Lab.StartGuestAsync("tool-ctrl-c", "--memory", "200", "--dirty", "20", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");
        using var client = new ShellProcess($"$null = Connect-VmHost '{Lab.Host1.Ssh}', '{Lab.Host2.Ssh}' -Transport Ssh; " +
            $"Start-VmMigration tool-ctrl-c -VmHost '{Lab.Host1.Ssh}' -Destination '{Lab.Host2.Ssh}' -Live");
        await guest.WaitUntilMovingAsync(Lab.Host1);

        client.Interrupt();
        var exitCode = await client.WaitAsync();

        Assert.NotEqual(0, exitCode);
        Assert.StartsWith("running", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name), StringComparison.Ordinal);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host1);
        await AssertNothingIsLeftAsync();
    }

    private async Task AssertNothingIsLeftAsync()
    {
        await EventuallyAsync("no virsh and no ssh is left here", () => Task.FromResult(ToolProcesses.Find(Lab).Count == 0));
        await EventuallyAsync("no virsh is left on the source", async () => (await ToolProcesses.FindOnAsync(Lab, Lab.Host1)).Length == 0);
    }
}
