using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using VirtMigrate.Options;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Tools;

/// <summary>The program that runs a migration dies half-way: its call says that there is no answer, and the VM is neither lost nor doubled.</summary>
public sealed class LostToolTests(LabFixture lab) : LabTest(lab)
{
    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task The_call_says_that_it_has_no_answer_and_the_vm_is_there_once(string transport)
    {
        await using var guest = await Lab.StartGuestAsync("tool-dies", "--memory", "192");
        await using var limit = await Lab.LimitAsync(Lab.Host1, "100mbit");
        var way = TransportCase.Parse(transport);
        await using var source = await way.OpenAsync(Lab.Host1);
        await using var destination = await way.OpenAsync(Lab.Host2);
        var vm = Guid.Parse(await Lab.VirshAsync(Lab.Host1, "domuuid", guest.Name));
        var options = MigrationOptionSet.Empty.With(MigrationOptions.Live, true).With(MigrationOptions.Persistent, true);

        var moving = source.MigrateAsync(vm, destination, options, CancellationToken.None);
        await guest.WaitUntilMovingAsync(Lab.Host1);
        ToolProcesses.Kill(ToolProcesses.FindMigration(Lab));

        var error = await Assert.ThrowsAsync<HypervisorToolException>(() => moving);
        Assert.Equal("HostToolFailed", error.Failure.Id);

        // The hosts may go on without it.
        await EventuallyAsync("the hosts are through with it", async () =>
            (await Lab.VirshAsync(Lab.Host1, "domjobinfo", guest.Name)).Contains("None", StringComparison.Ordinal) ||
            (await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name)) is "shut off");
        var (isWhole, text) = await Lab.CheckAsync(guest.Name);
        Assert.True(isWhole, text);
    }
}
