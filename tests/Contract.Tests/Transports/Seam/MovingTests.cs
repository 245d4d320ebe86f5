using VirtMigrate.Hosts;
using VirtMigrate.LabSupport;
using Xunit;

namespace VirtMigrate.ContractTests.Transports.Seam;

/// <summary>A migration over any transport is accounted for, steered and ended as over libvirt's own library.</summary>
public sealed class MovingTests(LabFixture lab) : LabTest(lab)
{
    private static readonly CancellationToken None = CancellationToken.None;

    [Theory]
    [MemberData(nameof(TransportCases.Programs), MemberType = typeof(TransportCases))]
    public async Task A_migration_is_told_steered_aborted_and_completed_alike(string transport)
    {
        await using var guest = await Lab.StartGuestAsync("seam-moves", "--memory", "200", "--dirty", "30", "--working-set", "60");
        await using var vm = await MovingVm.OpenAsync(TransportCase.Parse(transport), Lab, guest.Name);
        await WaitForBothToListenAsync(vm, guest);

        await using (await Lab.LimitAsync(Lab.Host1, "300mbit"))
        {
            var moving = await vm.Contract.BeginAsync();
            await vm.Contract.AssertToldAsync();
            await AssertToldAlikeAsync(vm);
            await vm.Contract.AssertLimitedAsync();
            await AssertLimitedByVirshAsync(vm, guest);
            await vm.Contract.AssertSuspendedAsync(() => Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
            var ended = await vm.Contract.AssertAbortedAsync(moving);
            TestContext.Current.TestOutputHelper?.WriteLine($"{ended.GetType().Name}: {ended.Message}");
        }

        await guest.AssertWholeOnAsync(Lab.Host1);
        Assert.Contains("failed to get domain", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name), StringComparison.Ordinal);
        await EventuallyAsync("both have heard the same", () => Task.FromResult(Heard(vm.Events).SequenceEqual(Heard(vm.TrustedEvents))));
        await vm.Contract.AssertPostCopyArrivesAsync();
        await AssertArrivedAlikeAsync(vm, guest);
    }

    // Until both are told of what happens, something happens.
    private async Task WaitForBothToListenAsync(MovingVm vm, LabGuest guest)
    {
        await EventuallyAsync("both hear of what happens", async () =>
        {
            await Lab.VirshAsync(Lab.Host1, "suspend", guest.Name);
            await Lab.VirshAsync(Lab.Host1, "resume", guest.Name);
            return !vm.Events.IsEmpty && !vm.TrustedEvents.IsEmpty;
        });
        await Task.Delay(TimeSpan.FromMilliseconds(500), None);
        vm.Events.Clear();
        vm.TrustedEvents.Clear();
    }

    private static async Task AssertToldAlikeAsync(MovingVm vm)
    {
        // The figures change from look to look; which of them are told does not.
        await Alike.AssertAsync(vm.TrustedSource, vm.Source, async host => Known((await host.GetJobAsync(vm.Uuid, None)).Statistics!));
        await Alike.AssertAsync(vm.TrustedDestination, vm.Destination, async host => await host.GetJobAsync(vm.Uuid, None) with { Statistics = null });
        await Alike.AssertAsync(vm.TrustedDestination, vm.Destination, async host => (await host.FindVmAsync(vm.Uuid, None))?.Status);
        await Alike.AssertAsync(vm.TrustedSource, vm.Source, async host => await host.GetBlockJobsAsync(vm.Uuid, ["vda"], None));
        await Alike.AssertAsync(vm.TrustedSource, vm.Source, async host => await host.GetCompletedJobAsync(vm.Uuid, None));
        await Assert.ThrowsAsync<VmBusyException>(() => vm.Source.MeasureDirtyRateAsync(vm.Uuid, TimeSpan.FromSeconds(1), DirtyRateMode.PageSampling, None));
        var (job, trusted) = (await vm.Source.GetJobAsync(vm.Uuid, None), await vm.TrustedSource.GetJobAsync(vm.Uuid, None));
        Assert.Equal(trusted.Statistics!.MemoryTotal, job.Statistics!.MemoryTotal);
        Assert.InRange(trusted.Statistics.Elapsed - job.Statistics.Elapsed, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(5));
        Assert.InRange(job.Statistics.DataProcessed, 1, trusted.Statistics.DataProcessed);
    }

    private async Task AssertLimitedByVirshAsync(MovingVm vm, LabGuest guest)
    {
        Assert.Equal(await vm.Source.GetMaxDowntimeAsync(vm.Uuid, None), await vm.TrustedSource.GetMaxDowntimeAsync(vm.Uuid, None));
        Assert.Equal("9", await Lab.VirshAsync(Lab.Host1, "migrate-getspeed", guest.Name));
        Assert.Equal("7", await Lab.VirshAsync(Lab.Host1, "migrate-getspeed", guest.Name, "--postcopy"));
        Assert.Contains("32.000 MiB", await Lab.VirshAsync(Lab.Host1, "migrate-compcache", guest.Name), StringComparison.Ordinal);
    }

    private async Task AssertArrivedAlikeAsync(MovingVm vm, LabGuest guest)
    {
        Assert.Equal("shut off (migrated)", await Lab.VirshAsync(Lab.Host1, "domstate", guest.Name, "--reason"));
        Assert.Equal("running (migrated)", await Lab.VirshAsync(Lab.Host2, "domstate", guest.Name, "--reason"));
        await guest.AssertWholeOnAsync(Lab.Host2);
        await Alike.AssertAsync(vm.TrustedSource, vm.Source, async host => await host.FindVmAsync(vm.Uuid, None));
        await Alike.AssertAsync(vm.TrustedDestination, vm.Destination, async host => await host.FindVmAsync(vm.Uuid, None));
        var account = await Alike.AssertAsync(vm.TrustedSource, vm.Source, async host => await host.GetCompletedJobAsync(vm.Uuid, None));
        Assert.Contains(".IsCompleted = True", account);
        await Alike.AssertAsync(vm.TrustedDestination, vm.Destination, async host => await host.GetCompletedJobAsync(vm.Uuid, None));
        await EventuallyAsync("both have heard the same", () => Task.FromResult(Heard(vm.Events).SequenceEqual(Heard(vm.TrustedEvents))));
    }

    private static IEnumerable<string> Known(JobStatistics statistics) =>
        Description.Of(statistics).Select(l => l.EndsWith(" = null", StringComparison.Ordinal) ? l : l[..l.IndexOf(" =", StringComparison.Ordinal)]);

    private static IEnumerable<string> Heard(IEnumerable<DomainEvent> events) => events.SelectMany(Description.Of);
}
