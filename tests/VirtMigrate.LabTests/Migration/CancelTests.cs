using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Migration;

/// <summary>Stopping a pipeline takes every VM back before it returns.</summary>
public sealed class CancelTests(LabFixture lab) : LabTest(lab)
{
    [Theory]
    [InlineData("")]
    [InlineData("-PeerToPeer")]
    [InlineData("-Parallel 4")]
    public async Task A_stopped_pipeline_leaves_the_vm_on_the_source_and_nothing_on_the_destination(string options)
    {
        await using var guest = await Lab.StartGuestAsync("stop", "--dirty", "20", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        using var running = Session.Set("name", guest.Name)
            .Begin($"Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live {options}");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        running.Stop();

        // At the moment in which the cmdlet returns, not a while later.
        Assert.StartsWith("running", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"), StringComparison.Ordinal);
        await AssertNotOnAsync(Lab.Host2, guest.Name);
        await guest.AssertWholeOnAsync(Lab.Host1);
    }

    [Fact]
    public async Task Vms_that_wait_for_their_turn_never_begin()
    {
        await using var one = await Lab.StartGuestAsync("stop-1", "--dirty", "20", "--working-set", "100");
        await using var two = await Lab.StartGuestAsync("stop-2");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        using var running = Session.Begin("Get-Vm 'stop-?' -VmHost $kvm1 | Start-VmMigration -Destination $kvm2 -Live -ThrottleLimit 1");
        await one.WaitUntilMovingAsync(Lab.Host1);
        running.Stop();

        foreach (var guest in new[] { one, two })
        {
            await guest.AssertWholeOnAsync(Lab.Host1);
            await AssertNotOnAsync(Lab.Host2, guest.Name);
        }
    }

    [Fact]
    public async Task A_stop_right_at_the_start_leaves_the_vm_where_it_is()
    {
        await using var guest = await Lab.StartGuestAsync("early", "--dirty", "20", "--working-set", "100");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "150mbit");

        for (var delay = 0; delay < 500; delay += 100)
        {
            using var running = Session.Set("name", guest.Name).Begin("Start-VmMigration $name -VmHost $kvm1 -Destination $kvm2 -Live");
            await Task.Delay(delay, TestContext.Current.CancellationToken);
            running.Stop();
            await AssertNotOnAsync(Lab.Host2, guest.Name);
        }

        await guest.AssertWholeOnAsync(Lab.Host1);
    }
}
