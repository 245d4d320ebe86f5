using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.LabTests.Transports.Tools;

/// <summary>The program that runs a migration dies half-way: the end state is looked up, and the VM is neither lost nor doubled.</summary>
public sealed class LostToolTests(LabFixture lab) : TransportTest(lab)
{
    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task What_is_known_is_said_and_the_vm_is_there_once(string transport)
    {
        await using var guest = await Lab.StartGuestAsync("tool-dies", "--memory", "200", "--dirty", "5", "--working-set", "60");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "250mbit");
        using var session = Connect(transport);

        using var running = session.Begin("Start-VmMigration tool-dies -VmHost $kvm1 -Destination $kvm2 -Live");
        await guest.WaitUntilMovingAsync(Lab.Host1);
        ToolProcesses.Kill(ToolProcesses.FindMigration(Lab));
        var run = running.Wait();

        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', run.Errors.Select(e => $"{e.FullyQualifiedErrorId}: {e} -> {e.ErrorDetails?.RecommendedAction}")));
        var result = Assert.Single(run.Output);
        TestContext.Current.TestOutputHelper?.WriteLine($"{result.Text("Outcome")}: {result.Text("Verification.Message")}");
        if (result.Text("Outcome") is "Completed")
        {
            Assert.Equal("kvm2", result.Text("Verification.RunsOn"));
            await guest.AssertWholeOnAsync(Lab.Host2);
            return;
        }

        // The host may go on without the program that asked it to, but then the module must not say that it did not.
        var error = Assert.Single(run.Errors);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
        if (result.Text("Outcome") is "RolledBack")
        {
            await AssertNotOnAsync(Lab.Host2, guest.Name);
            await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
            await AssertNotOnAsync(Lab.Host2, guest.Name);
            await guest.AssertWholeOnAsync(Lab.Host1);
            return;
        }

        Assert.Equal("Unknown", result.Text("Outcome"));
        await EventuallyAsync("the hosts are through with it", async () =>
            (await Lab.VirshAsync(Lab.Host1, "domjobinfo", guest.Name)).Contains("None", StringComparison.Ordinal) ||
            (await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name)) is "shut off");
        var (isWhole, text) = await Lab.CheckAsync(guest.Name);
        Assert.True(isWhole, text);
    }
}
